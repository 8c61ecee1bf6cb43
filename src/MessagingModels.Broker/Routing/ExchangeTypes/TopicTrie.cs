namespace MessagingModels.Broker.Routing.ExchangeTypes;

/// <summary>
/// Patterns of words as a tree with one node a word. A key is matched by walking all the nodes it may stand at side by side, word by word,
/// so the cost follows the patterns that match so far and not the number of patterns, and no pattern makes it exponential.
/// </summary>
internal sealed class TopicTrie
{
    private const string AnyWord = "*";
    private const string AnyWords = "#";

    [ThreadStatic]
    private static Walk? _walk;

    private readonly Node _root = new(isAnyWords: false);

    public void Add(Binding binding)
    {
        Node node = _root;
        foreach (string word in WordsOf(binding.RoutingKey))
            node = node.GetOrAdd(word);
        node.Bindings.Add(binding);
    }

    public void Remove(Binding binding)
    {
        string[] words = WordsOf(binding.RoutingKey);
        var path = new Node[words.Length + 1];
        path[0] = _root;
        for (int i = 0; i < words.Length; i++)
        {
            if (path[i].Find(words[i]) is not { } next)
                return;
            path[i + 1] = next;
        }

        path[^1].Bindings.Remove(binding);
        for (int i = words.Length; i > 0 && path[i].IsEmpty; i--)
            path[i - 1].Remove(words[i - 1]);
    }

    public void Match(ReadOnlySpan<char> key, RouteMatches matches)
    {
        Walk walk = _walk ??= new Walk();
        walk.Start(_root);
        while (!key.IsEmpty)
        {
            int dot = key.IndexOf('.');
            walk.Step(dot < 0 ? key : key[..dot]);
            if (dot == key.Length - 1)
                walk.Step([]);
            key = dot < 0 ? [] : key[(dot + 1)..];
        }

        walk.Finish(matches);
    }

    private static string[] WordsOf(string pattern) => pattern.Length == 0 ? [] : pattern.Split('.');

    private sealed class Node(bool isAnyWords)
    {
        private Dictionary<string, Node>? _words;

        /// <summary>True for the node of a <c>#</c>: a walk that has come here may stay for any number of words.</summary>
        public bool IsAnyWords { get; } = isAnyWords;

        public Node? AnyWord { get; private set; }

        public Node? AnyWords { get; private set; }

        public List<Binding> Bindings { get; } = new(0);

        public bool IsEmpty => Bindings.Count == 0 && AnyWord is null && AnyWords is null && _words is not { Count: > 0 };

        public Node? Find(string word) => word switch
        {
            TopicTrie.AnyWord => AnyWord,
            TopicTrie.AnyWords => AnyWords,
            _ => FindLiteral(word),
        };

        public Node? FindLiteral(ReadOnlySpan<char> word)
            => _words is not null && _words.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(word, out Node? next) ? next : null;

        public Node GetOrAdd(string word)
        {
            switch (word)
            {
                case TopicTrie.AnyWord:
                    return AnyWord ??= new Node(isAnyWords: false);
                case TopicTrie.AnyWords:
                    return AnyWords ??= new Node(isAnyWords: true);
                default:
                    _words ??= new Dictionary<string, Node>(StringComparer.Ordinal);
                    if (!_words.TryGetValue(word, out Node? next))
                        _words.Add(word, next = new Node(isAnyWords: false));
                    return next;
            }
        }

        public void Remove(string word)
        {
            switch (word)
            {
                case TopicTrie.AnyWord:
                    AnyWord = null;
                    break;
                case TopicTrie.AnyWords:
                    AnyWords = null;
                    break;
                default:
                    _words?.Remove(word);
                    break;
            }
        }
    }

    /// <summary>The nodes that a key may stand at. A node of a <c>#</c> stays in for the rest of the key; the others are left with each word.</summary>
    private sealed class Walk
    {
        private readonly List<Node> _staying = [];
        private List<Node> _here = [];
        private List<Node> _next = [];

        public void Start(Node root)
        {
            Enter(root);
            (_here, _next) = (_next, _here);
        }

        public void Step(ReadOnlySpan<char> word)
        {
            int stayingBefore = _staying.Count;
            foreach (Node node in _here)
                Leave(node, word);
            for (int i = 0; i < stayingBefore; i++)
                Leave(_staying[i], word);
            _here.Clear();
            (_here, _next) = (_next, _here);
        }

        public void Finish(RouteMatches matches)
        {
            Take(_here, matches);
            Take(_staying, matches);
        }

        private static void Take(List<Node> nodes, RouteMatches matches)
        {
            foreach (Node node in nodes)
            {
                foreach (Binding binding in node.Bindings)
                    matches.Add(binding);
            }

            nodes.Clear();
        }

        private void Leave(Node node, ReadOnlySpan<char> word)
        {
            if (node.FindLiteral(word) is { } literal)
                Enter(literal);
            if (node.AnyWord is { } anyWord)
                Enter(anyWord);
        }

        private void Enter(Node? node)
        {
            while (node is not null)
            {
                if (!node.IsAnyWords)
                    _next.Add(node);
                else if (_staying.Contains(node))
                    return;
                else
                    _staying.Add(node);
                node = node.AnyWords;
            }
        }
    }
}

namespace MessagingModels.Broker.Routing.ExchangeTypes;

/// <summary>
/// To the destinations whose arguments match the message's headers (AMQP 0-9-1, 3.1.3.4). <c>x-match</c> says how: <c>all</c> (default) or
/// <c>any</c>, where arguments that begin with <c>x-</c> do not count; <c>all-with-x</c> or <c>any-with-x</c>, where they do.
/// An argument without a value asks for the header's presence only.
/// </summary>
internal sealed class HeadersExchange : IExchangeType
{
    private const string MatchArgument = "x-match";

    public string Name => ExchangeType.Headers;

    public IExchangeRouter CreateRouter(ExchangeDeclaration exchange) => new Router();

    private static bool IsAny(Binding binding, out bool withX)
    {
        object? match = binding.Arguments.GetValueOrDefault(MatchArgument, "all");
        withX = match is "all-with-x" or "any-with-x";
        return match switch
        {
            "all" or "all-with-x" => false,
            "any" or "any-with-x" => true,
            string text => throw new ArgumentException(
                $"Invalid x-match field value <<\"{text}\">>; expected all, any, all-with-x, or any-with-x"),
            _ => throw new ArgumentException(
                $"Invalid x-match field type {ArgumentEquivalence.NameOfType(match)} (value {match}); expected longstr"),
        };
    }

    private sealed class Router : IBuiltInRouter
    {
        private readonly List<Rule> _rules = [];

        public bool ReadsProperties => true;

        public bool RoutesEachKey => false;

        public void Add(Binding binding)
        {
            bool any = IsAny(binding, out bool withX);
            KeyValuePair<string, object?>[] wanted = [.. binding.Arguments
                .Where(argument => argument.Key != MatchArgument && (withX || !argument.Key.StartsWith("x-", StringComparison.Ordinal)))];
            _rules.Add(new Rule(binding, any, wanted));
        }

        public void Remove(Binding binding) => _rules.RemoveAll(rule => ReferenceEquals(rule.Binding, binding));

        public void Route(in RoutedMessage message, RouteMatches matches)
        {
            IReadOnlyDictionary<string, object?> headers = message.Headers;
            foreach (Rule rule in _rules)
            {
                if (rule.Matches(headers))
                    matches.Add(rule.Binding);
            }
        }
    }

    private sealed record Rule(Binding Binding, bool Any, KeyValuePair<string, object?>[] Wanted)
    {
        public bool Matches(IReadOnlyDictionary<string, object?> headers)
        {
            foreach ((string name, object? value) in Wanted)
            {
                bool found = headers.TryGetValue(name, out object? actual) && (value is null || HeaderValue.AreEqual(value, actual));
                if (found == Any)
                    return Any;
            }

            return !Any;
        }
    }
}

namespace MessagingModels.RabbitMq.Channels;

/// <summary>How to send a settlement.</summary>
internal enum SettlementKind
{
    /// <summary>Nothing to send: the connection that the delivery came over is gone, or nothing is unsettled.</summary>
    Nothing,

    /// <summary>The tag is unknown.</summary>
    Unknown,

    /// <summary>One tag.</summary>
    Single,

    /// <summary>Every tag up to one, in one command.</summary>
    UpTo,

    /// <summary>Several tags, each in a command of its own.</summary>
    Several,
}

/// <summary>
/// What became of the deliveries of a channel, by their tags. The client hands tags out as deliveries arrive, the application sees them when it
/// reads: what it has not read yet must not be settled with the rest, and a tag that was settled before must be refused. Thread-safe.
/// </summary>
internal sealed class UnsettledDeliveries
{
    private const int SmallestRing = 64;

    private readonly Lock _lock = new();
    private State[] _ring = new State[SmallestRing];
    private ulong _first = 1;
    private ulong _end = 1;
    private ulong _lostUpTo;
    private bool _wasLost;
    private bool _hasGets;

    private enum State : byte
    {
        /// <summary>Not seen yet: it is on its way through the client.</summary>
        Unseen,
        Buffered,
        HandedOut,
        Settled,
    }

    /// <summary>A delivery arrived and waits to be read.</summary>
    public void AddBuffered(ulong tag) => Add(tag, State.Buffered);

    /// <summary>A delivery was handed to the application at once. It may overtake those that consumers are about to get.</summary>
    public void AddHandedOut(ulong tag)
    {
        lock (_lock)
        {
            _hasGets = true;
            Add(tag, State.HandedOut);
        }
    }

    /// <summary>A delivery arrived that counts as acknowledged.</summary>
    public void AddSettled(ulong tag) => Add(tag, State.Settled);

    /// <summary>The application reads a delivery.</summary>
    /// <returns>False where it went back to its queue before it was read.</returns>
    public bool TryHandOut(ulong tag)
    {
        lock (_lock)
        {
            if (!Is(tag, State.Buffered))
                return false;
            At(tag) = State.HandedOut;
            return true;
        }
    }

    /// <summary>A delivery that nobody read is about to be given back.</summary>
    /// <returns>False where it is not unread.</returns>
    public bool TryTakeUnread(ulong tag)
    {
        lock (_lock)
        {
            if (!Is(tag, State.Buffered))
                return false;
            At(tag) = State.Settled;
            Advance();
            return true;
        }
    }

    /// <summary>Settles a delivery, or all up to it.</summary>
    /// <param name="tag">Its tag; 0 with <paramref name="multiple"/> for the last one read.</param>
    /// <param name="multiple">True for all up to it.</param>
    /// <param name="tags">Takes the tags that were settled.</param>
    /// <returns>How to send it.</returns>
    public SettlementKind Settle(ref ulong tag, bool multiple, List<ulong> tags)
    {
        lock (_lock)
        {
            if (multiple && tag == 0 && !TryFindLastHandedOut(out tag))
                return SettlementKind.Nothing;
            if (tag != 0 && tag <= _lostUpTo)
                return SettlementKind.Nothing;
            if (!Is(tag, State.HandedOut))
                return SettlementKind.Unknown;
            if (!multiple)
            {
                tags.Add(tag);
                At(tag) = State.Settled;
                Advance();
                return SettlementKind.Single;
            }

            return SettleUpTo(tag, tags, takesUnread: false);
        }
    }

    /// <summary>Settles everything that has arrived, read or not.</summary>
    /// <param name="tag">The last tag.</param>
    /// <param name="tags">Takes the tags that were settled.</param>
    /// <returns>How to send it.</returns>
    public SettlementKind SettleAll(out ulong tag, List<ulong> tags)
    {
        lock (_lock)
        {
            tag = _end - 1;
            SettlementKind kind = SettleUpTo(tag, tags, takesUnread: true);
            // The command must name a tag that is unsettled.
            tag = tags.Count > 0 ? tags[^1] : 0;
            return tags.Count == 0 ? SettlementKind.Nothing : kind;
        }
    }

    /// <summary>Deliveries are unsettled again: their settlement was rolled back.</summary>
    public void Restore(List<ulong> tags)
    {
        lock (_lock)
        {
            foreach (ulong tag in tags)
            {
                if (tag <= _lostUpTo)
                    continue;
                if (tag < _first)
                    MoveFirst(tag);
                At(tag) = State.HandedOut;
            }
        }
    }

    /// <summary>The connection or channel is gone, and everything that arrived over it goes back to its queues.</summary>
    public void Lose()
    {
        lock (_lock)
        {
            _wasLost = true;
            _lostUpTo = _end - 1;
            _first = _end;
            Array.Clear(_ring);
        }
    }

    private bool Is(ulong tag, State state) => tag >= _first && tag < _end && At(tag) == state;

    private ref State At(ulong tag) => ref _ring[(int)(tag & (ulong)(_ring.Length - 1))];

    private void Add(ulong tag, State state)
    {
        lock (_lock)
        {
            if (tag <= _lostUpTo)
                return;
            if (tag < _first)
                MoveFirst(tag);
            while (tag - _first >= (ulong)_ring.Length)
                Grow();
            // Behind a lost connection the client goes on counting where it was, and what was on its way then does not arrive any more.
            for (; _end <= tag; _end++)
                At(_end) = _wasLost ? State.Settled : State.Unseen;
            At(tag) = state;
            Advance();
        }
    }

    private SettlementKind SettleUpTo(ulong tag, List<ulong> tags, bool takesUnread)
    {
        // After a loss nobody can tell what has not arrived from what never will; without gets, everything arrives in order.
        SettlementKind kind = _wasLost && _hasGets ? SettlementKind.Several : SettlementKind.UpTo;
        for (ulong next = _first; next <= tag; next++)
        {
            ref State state = ref At(next);
            if (state == State.HandedOut || (state == State.Buffered && takesUnread))
            {
                tags.Add(next);
                state = State.Settled;
            }
            else if (state != State.Settled)
            {
                kind = SettlementKind.Several;
            }
        }

        Advance();
        return kind;
    }

    private bool TryFindLastHandedOut(out ulong tag)
    {
        for (tag = _end - 1; tag >= _first; tag--)
        {
            if (At(tag) == State.HandedOut)
                return true;
        }

        tag = 0;
        return false;
    }

    private void Advance()
    {
        while (_first < _end && At(_first) == State.Settled)
            _first++;
    }

    private void MoveFirst(ulong tag)
    {
        while (_end - tag >= (ulong)_ring.Length)
            Grow();
        for (ulong between = tag; between < _first; between++)
            At(between) = State.Settled;
        _first = tag;
    }

    private void Grow()
    {
        State[] larger = new State[_ring.Length * 2];
        for (ulong tag = _first; tag < _end; tag++)
            larger[(int)(tag & (ulong)(larger.Length - 1))] = At(tag);
        _ring = larger;
    }
}

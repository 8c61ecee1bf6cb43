using CsCheck;
using MessagingModels.RabbitMq.Channels;

namespace MessagingModels.RabbitMq.Tests.Channels;

public sealed class UnsettledDeliveriesTests
{
    private readonly UnsettledDeliveries _unsettled = new();
    private readonly List<ulong> _tags = [];

    [Fact]
    public void A_tag_is_settled_once()
    {
        _unsettled.AddHandedOut(1);
        Assert.Equal(SettlementKind.Single, Settle(1, multiple: false));
        Assert.Equal(SettlementKind.Unknown, Settle(1, multiple: false));
        Assert.Equal(SettlementKind.Unknown, Settle(99, multiple: false));
    }

    [Fact]
    public void Settling_several_leaves_out_what_was_not_read()
    {
        _unsettled.AddHandedOut(1);
        _unsettled.AddBuffered(2);
        _unsettled.AddHandedOut(3);
        Assert.Equal(SettlementKind.Several, Settle(3, multiple: true));
        Assert.Equal([1, 3], _tags);
        Assert.True(_unsettled.TryHandOut(2));
        Assert.Equal(SettlementKind.UpTo, Settle(0, multiple: true));
        Assert.Equal([2], _tags);
        Assert.Equal(SettlementKind.Nothing, Settle(0, multiple: true));
    }

    [Fact]
    public void Settling_several_leaves_out_what_has_not_arrived()
    {
        _unsettled.AddHandedOut(3);
        Assert.Equal(SettlementKind.Several, Settle(3, multiple: true));
        Assert.Equal([3], _tags);
        _unsettled.AddBuffered(1);
        Assert.True(_unsettled.TryHandOut(1));
    }

    [Fact]
    public void What_a_lost_connection_brought_is_not_settled_any_more()
    {
        _unsettled.AddHandedOut(1);
        _unsettled.AddBuffered(2);
        _unsettled.Lose();
        Assert.False(_unsettled.TryHandOut(2));
        Assert.Equal(SettlementKind.Nothing, Settle(1, multiple: false));
        _unsettled.AddHandedOut(3);
        Assert.Equal(SettlementKind.Single, Settle(3, multiple: false));
    }

    [Fact]
    public void What_a_lost_connection_did_not_bring_any_more_is_not_waited_for()
    {
        _unsettled.AddBuffered(1);
        _unsettled.Lose();
        _unsettled.AddBuffered(100);
        Assert.True(_unsettled.TryHandOut(100));
        Assert.Equal(SettlementKind.UpTo, Settle(100, multiple: true));
        _unsettled.AddBuffered(50);
        Assert.True(_unsettled.TryHandOut(50));
        Assert.Equal(SettlementKind.Single, Settle(50, multiple: false));
    }

    [Fact]
    public void After_a_loss_a_get_that_overtakes_a_consumer_settles_nothing_but_itself()
    {
        _unsettled.AddBuffered(1);
        _unsettled.Lose();
        _unsettled.AddHandedOut(4);
        Assert.Equal(SettlementKind.Several, Settle(4, multiple: true));
        Assert.Equal([4], _tags);
        _unsettled.AddBuffered(3);
        Assert.True(_unsettled.TryHandOut(3));
        Assert.Equal(SettlementKind.Single, Settle(3, multiple: false));
    }

    [Fact]
    public void A_rolled_back_settlement_can_be_repeated()
    {
        for (ulong tag = 1; tag <= 300; tag++)
            _unsettled.AddHandedOut(tag);
        Settle(1, multiple: false);
        List<ulong> first = [.. _tags];
        Settle(299, multiple: true);
        _unsettled.Restore([.. first, .. _tags]);
        Assert.Equal(SettlementKind.Single, Settle(1, multiple: false));
        Assert.Equal(SettlementKind.UpTo, Settle(300, multiple: true));
        Assert.Equal(299, _tags.Count);
    }

    [Fact]
    public void Recovering_takes_what_was_read_and_what_was_not()
    {
        _unsettled.AddHandedOut(1);
        _unsettled.AddSettled(2);
        _unsettled.AddBuffered(3);
        _tags.Clear();
        Assert.Equal(SettlementKind.UpTo, _unsettled.SettleAll(out ulong last, _tags));
        Assert.Equal(3UL, last);
        Assert.Equal([1, 3], _tags);
        Assert.False(_unsettled.TryHandOut(3));
        Assert.Equal(SettlementKind.Nothing, _unsettled.SettleAll(out _, []));
    }

    /// <summary>The ring agrees with a dictionary that keeps everything.</summary>
    [Fact]
    public void Any_order_of_arrivals_and_settlements_agrees_with_the_model()
        => Gen.Select(Gen.Int[0, 4], Gen.Int[1, 40]).Array[0, 300].Sample(steps =>
        {
            UnsettledDeliveries unsettled = new();
            SortedDictionary<ulong, bool> model = [];
            ulong next = 1;
            foreach ((int step, int back) in steps)
            {
                ulong tag = next > (ulong)back ? next - (ulong)back : 1;
                List<ulong> settled = [];
                if (step <= 1)
                {
                    model[next] = step == 0;
                    if (step == 0)
                        unsettled.AddHandedOut(next++);
                    else
                        unsettled.AddBuffered(next++);
                }
                else if (step == 2)
                {
                    bool isUnread = model.TryGetValue(tag, out bool wasRead) && !wasRead;
                    if (unsettled.TryHandOut(tag) != isUnread)
                        return false;
                    if (isUnread)
                        model[tag] = true;
                }
                else
                {
                    bool isKnown = model.TryGetValue(tag, out bool wasRead) && wasRead;
                    ulong[] expected = !isKnown ? [] : step == 3 ? [tag] : [.. model.Where(each => each.Value && each.Key <= tag).Select(each => each.Key)];
                    if ((unsettled.Settle(ref tag, step == 4, settled) != SettlementKind.Unknown) != isKnown || !settled.SequenceEqual(expected))
                        return false;
                    foreach (ulong each in settled)
                        model.Remove(each);
                }
            }

            return true;
        });

    private SettlementKind Settle(ulong tag, bool multiple)
    {
        _tags.Clear();
        return _unsettled.Settle(ref tag, multiple, _tags);
    }
}

using MessagingModels.Broker.Routing.ExchangeTypes;

namespace MessagingModels.Broker.Tests.Routing.ExchangeTypes;

public class HashRingTests
{
    [Fact]
    public void An_empty_ring_finds_nothing()
    {
        HashRing ring = new();
        Assert.Null(ring.Find(0));
        Binding only = BindingOf(1);
        ring.Add([7], only);
        Assert.Same(only, ring.Find(ulong.MaxValue));
        ring.Remove([7], only);
        Assert.Null(ring.Find(7));
        Assert.Equal(0, ring.Count);
    }

    [Fact]
    public void The_first_point_follows_the_last()
    {
        HashRing ring = new();
        (Binding first, Binding last) = (BindingOf(1), BindingOf(2));
        ring.Add([10], first);
        ring.Add([ulong.MaxValue - 10], last);
        Assert.Same(first, ring.Find(10));
        Assert.Same(last, ring.Find(11));
        Assert.Same(first, ring.Find(ulong.MaxValue));
    }

    [Fact]
    public void Of_two_owners_of_a_point_one_stays_when_the_other_goes()
    {
        HashRing ring = new();
        (Binding one, Binding other) = (BindingOf(1), BindingOf(1));
        ring.Add([5], one);
        ring.Add([5], other);
        ring.Remove([5], one);
        Assert.Same(other, ring.Find(5));
    }

    [Fact]
    public void Arcs_stay_short_however_many_points_there_are()
    {
        Random random = new(1);
        HashRing ring = new();
        Binding owner = BindingOf(1);
        ulong[] hashes = new ulong[1_000];
        for (int batch = 0; batch < 300; batch++)
        {
            foreach (ref ulong hash in hashes.AsSpan())
                hash = (ulong)random.NextInt64(long.MinValue, long.MaxValue);
            ring.Add(hashes, owner);
            // A change moves the points behind it in its arc and no others. By chance an arc gets more than its share, but never many times it.
            Assert.InRange(ring.LongestArc, 1, 100);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void It_finds_what_a_sorted_list_finds(int seed)
    {
        Random random = new(seed);
        HashRing ring = new();
        SortedList<ulong, Binding> model = [];
        List<(ulong[] Hashes, Binding Owner)> added = [];
        for (int step = 0; step < 300; step++)
        {
            // First the ring grows, then it shrinks to nothing.
            if (step < 150 ? random.Next(4) > 0 || added.Count == 0 : added.Count == 0)
            {
                // A few narrow arcs get more than their share.
                ulong[] hashes = [.. Enumerable.Range(0, random.Next(1, 60)).Select(_ => NextHash(random)).Distinct().Where(hash => !model.ContainsKey(hash))];
                Binding owner = BindingOf(step);
                ring.Add(hashes, owner);
                added.Add((hashes, owner));
                foreach (ulong hash in hashes)
                    model.Add(hash, owner);
            }
            else
            {
                int which = random.Next(added.Count);
                ring.Remove(added[which].Hashes, added[which].Owner);
                foreach (ulong hash in added[which].Hashes)
                    model.Remove(hash);
                added.RemoveAt(which);
            }

            Assert.Equal(model.Count, ring.Count);
            for (int i = 0; i < 10; i++)
            {
                ulong hash = NextHash(random);
                Assert.True(ReferenceEquals(Expected(model, hash), ring.Find(hash)), $"Seed {seed}, step {step}, hash {hash}.");
            }
        }
    }

    private static ulong NextHash(Random random)
    {
        ulong hash = (ulong)random.NextInt64(long.MinValue, long.MaxValue);
        return random.Next(3) == 0 ? hash >> 20 : hash;
    }

    private static Binding? Expected(SortedList<ulong, Binding> model, ulong hash)
    {
        if (model.Count == 0)
            return null;
        int at = 0;
        while (at < model.Count && model.GetKeyAtIndex(at) < hash)
            at++;
        return model.GetValueAtIndex(at == model.Count ? 0 : at);
    }

    private static Binding BindingOf(int number) => new("x", BindingTarget.Queue, $"q{number}", "1");
}

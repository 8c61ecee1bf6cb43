using MessagingModels.Broker.Routing;
using MessagingModels.Formats.Properties;

namespace MessagingModels.Broker.Tests.Routing;

public class DeathHistoryTests
{
    private static readonly DateTimeOffset s_start = DateTimeOffset.FromUnixTimeSeconds(1_700_000_000);

    [Fact]
    public void The_first_death_is_recorded_with_all_its_circumstances()
    {
        DeathHistory history = new([]);
        history.Add(new Death("q", "expired", s_start, "x", ["k", "cc"], "5000"));
        Dictionary<string, object?> headers = FieldTableConversion.ToDictionary(history.Headers);
        var deaths = (List<object?>)headers["x-death"]!;
        var death = (Dictionary<string, object?>)Assert.Single(deaths)!;
        Assert.Equal(1L, death["count"]);
        Assert.Equal("expired", death["reason"]);
        Assert.Equal("q", death["queue"]);
        Assert.Equal(s_start, death["time"]);
        Assert.Equal("x", death["exchange"]);
        Assert.Equal(["k", "cc"], (List<object?>)death["routing-keys"]!);
        Assert.Equal("5000", death["original-expiration"]);
        Assert.Equal("expired", headers["x-first-death-reason"]);
        Assert.Equal("q", headers["x-last-death-queue"]);
        Assert.Equal("x", headers["x-first-death-exchange"]);
    }

    [Fact]
    public void The_same_death_again_is_counted_up_and_comes_first()
    {
        DeathHistory history = new([]);
        history.Add(NewDeath("work", "rejected"));
        history.Add(NewDeath("retry", "expired"));
        history = new DeathHistory(history.Headers);
        history.Add(NewDeath("work", "rejected"));
        Dictionary<string, object?> headers = FieldTableConversion.ToDictionary(history.Headers);
        var deaths = (List<object?>)headers["x-death"]!;
        Assert.Equal(["work", "retry"], deaths.Select(death => ((Dictionary<string, object?>)death!)["queue"]));
        Assert.Equal(2L, ((Dictionary<string, object?>)deaths[0]!)["count"]);
        Assert.Equal("work", headers["x-first-death-queue"]);
        Assert.Equal("rejected", headers["x-last-death-reason"]);
    }

    [Fact]
    public void What_a_client_wrote_is_no_record()
    {
        DeathHistory forged = new([]);
        forged.Add(NewDeath("other", "expired"));
        DeathHistory history = new(forged.Headers, isOwn: false);
        Assert.False(history.IsCycle("other"));
        history.Add(NewDeath("q", "rejected"));
        Dictionary<string, object?> headers = FieldTableConversion.ToDictionary(history.Headers);
        Assert.Equal("q", ((Dictionary<string, object?>)Assert.Single((List<object?>)headers["x-death"]!)!)["queue"]);
        Assert.Equal("q", headers["x-first-death-queue"]);
    }

    [Fact]
    public void A_way_back_without_a_rejection_is_a_cycle()
    {
        DeathHistory history = new([]);
        history.Add(NewDeath("a", "expired"));
        history.Add(NewDeath("b", "maxlen"));
        Assert.True(history.IsCycle("a"));
        Assert.True(history.IsCycle("b"));
        Assert.False(history.IsCycle("c"));
    }

    [Fact]
    public void A_rejection_on_the_way_breaks_the_cycle()
    {
        DeathHistory history = new([]);
        history.Add(NewDeath("a", "expired"));
        history.Add(NewDeath("b", "rejected"));
        Assert.False(history.IsCycle("a"));
        history.Add(NewDeath("c", "expired"));
        Assert.True(history.IsCycle("c"));
        Assert.False(history.IsCycle("a"));
    }

    private static Death NewDeath(string queue, string reason) => new(queue, reason, s_start, "x", ["k"], null);
}

using MessagingModels.Comparison.Experiments;
using MessagingModels.Comparison.Measuring;

namespace MessagingModels.Comparison.Tests.Experiments;

public class KeyOrderTests
{
    private static readonly WorkloadMessage[] Messages = [.. Enumerable.Range(0, 6).Select(static id => new WorkloadMessage(id % 2 == 0 ? "even" : "odd", "r", default))];

    [Fact]
    public void Keys_that_overtake_each_other_are_in_order() => Assert.Equal(0, KeyOrder.CountDisorder([1, 3, 5, 0, 2, 4], Messages));

    [Fact]
    public void Each_message_after_a_later_one_of_its_key_is_counted() => Assert.Equal(2, KeyOrder.CountDisorder([4, 0, 1, 2, 3, 5], Messages));

    [Fact]
    public void What_ends_after_the_slow_message_has_waited_for_it() => Assert.Equal(2, UnevenWork.CountWaiting([3, 1, 0, 4, 2]));
}

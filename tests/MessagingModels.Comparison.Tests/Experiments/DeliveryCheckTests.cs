using MessagingModels.Comparison.Experiments;

namespace MessagingModels.Comparison.Tests.Experiments;

public class DeliveryCheckTests
{
    [Fact]
    public void Missing_misplaced_and_repeated_messages_are_all_wrong()
    {
        DeliveryCheck check = DeliveryCheck.Compare(10, static id => id < 4, [0, 1, 1, 2, 9]);

        Assert.Equal((3, 3), (check.Right, check.Wrong));
    }

    [Fact]
    public void A_queue_that_is_to_get_nothing_and_gets_something_is_wrong()
        => Assert.Equal((0, 1), (DeliveryCheck.Compare(10, static _ => false, [4]).Right, DeliveryCheck.Compare(10, static _ => false, [4]).Wrong));
}

using MessagingModels.Comparison.Measuring;

namespace MessagingModels.Comparison.Tests.Measuring;

public class DistinctIdsTests
{
    [Fact]
    public void An_id_that_comes_again_does_not_count_again()
    {
        DistinctIds ids = new();

        Assert.True(ids.Add(4));
        Assert.False(ids.Add(4));
        Assert.True(ids.Add(5));
        Assert.Equal(2, ids.Count);
    }
}

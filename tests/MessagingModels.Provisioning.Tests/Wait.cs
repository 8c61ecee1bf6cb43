namespace MessagingModels.Provisioning.Tests;

/// <summary>Waits for what comes soon, and long enough for a busy machine.</summary>
internal static class Wait
{
    public static async Task UntilAsync(Func<bool> condition, Func<string> whatIsLeft)
    {
        DateTime deadline = DateTime.UtcNow + TimeSpan.FromSeconds(60);
        while (!condition())
        {
            Assert.True(DateTime.UtcNow < deadline, whatIsLeft());
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }
    }
}

namespace MessagingModels.Provisioning.Tests;

/// <summary>Waits for what comes soon, and long enough for a busy machine.</summary>
internal static class Wait
{
    public static Task UntilAsync(Func<bool> condition, Func<string> whatIsLeft) => UntilAsync(() => Task.FromResult(condition()), whatIsLeft);

    public static async Task UntilAsync(Func<Task<bool>> conditionAsync, Func<string> whatIsLeft)
    {
        DateTime deadline = DateTime.UtcNow + TimeSpan.FromSeconds(60);
        while (!await conditionAsync())
        {
            Assert.True(DateTime.UtcNow < deadline, whatIsLeft());
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }
    }
}

using MessagingModels.Provisioning;

namespace MessagingModels.Comparison.Targets;

/// <summary>Loses a broker's answer on its way through a proxy.</summary>
internal static class LostResponse
{
    /// <summary>Sends while answers get lost; once one was lost the connections are cut, as when the network failed.</summary>
    /// <returns>True where the client's library sent again by itself and had its answer then; false where it gave up.</returns>
    public static async Task<bool> RunAsync(ResponseDroppingProxy proxy, Func<Task> send, CancellationToken cancellationToken)
    {
        proxy.DropResponses();
        Task sending = send();
        try
        {
            await proxy.WaitUntilDroppedAsync(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            proxy.CutConnections();
        }

        try
        {
            await sending.WaitAsync(cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (MessagingException)
        {
            return false;
        }
    }
}

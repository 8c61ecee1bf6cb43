using MessagingModels.Provisioning;

namespace MessagingModels.Comparison.Targets;

/// <summary>Loses a broker's answers on their way through a proxy.</summary>
internal static class LostResponse
{
    /// <summary>Sends while answers get lost, and cuts the connections in the end, as when the network failed.</summary>
    /// <param name="proxy">The proxy that the client goes through.</param>
    /// <param name="send">Sends; may fail for want of the answer.</param>
    /// <param name="untilGivenUp">False to cut the connections once an answer was lost; true only once the sender has given up.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>True where the client's library sent again by itself and had its answer then; false where it gave up.</returns>
    /// <exception cref="InvalidOperationException">The sender gave up, but no answer of the broker had been lost: it may not have had the message.</exception>
    public static async Task<bool> RunAsync(ResponseDroppingProxy proxy, Func<Task> send, bool untilGivenUp, CancellationToken cancellationToken)
    {
        long before = proxy.DroppedBytes;
        proxy.DropResponses();
        Task sending = send();
        try
        {
            await (untilGivenUp ? Task.WhenAny(sending) : proxy.WaitUntilDroppedAsync(cancellationToken)).WaitAsync(cancellationToken).ConfigureAwait(false);
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
        catch (MessagingException) when (proxy.DroppedBytes > before)
        {
            return false;
        }
        catch (MessagingException exception)
        {
            throw new InvalidOperationException($"The publisher gave up before any answer was lost: {exception.Message}", exception);
        }
    }
}

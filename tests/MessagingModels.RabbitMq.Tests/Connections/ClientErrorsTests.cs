using System.Net.Sockets;
using MessagingModels.RabbitMq.Connections;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;
using RabbitMQ.Client.Exceptions;

namespace MessagingModels.RabbitMq.Tests.Connections;

public sealed class ClientErrorsTests
{
    [Theory]
    [InlineData(403, "ACCESS_REFUSED - operation not permitted on the default exchange")]
    [InlineData(404, "NOT_FOUND - no queue 'q' in vhost '/'")]
    [InlineData(405, "RESOURCE_LOCKED - cannot obtain exclusive access to locked queue 'q' in vhost '/'")]
    [InlineData(406, "PRECONDITION_FAILED - unknown delivery tag 99")]
    public void A_soft_error_of_the_server_is_a_channel_error_with_its_code_and_text(ushort code, string text)
    {
        OperationInterruptedException error = new(new ShutdownEventArgs(ShutdownInitiator.Peer, code, text, 50, 10));
        ChannelException mapped = Assert.IsType<ChannelException>(ClientErrors.Map(error));
        Assert.Equal((ReplyCode)code, mapped.ReplyCode);
        Assert.Equal(text, mapped.Message);
        Assert.Same(error, mapped.InnerException);
    }

    [Theory]
    [InlineData(320, "CONNECTION_FORCED - Closed via management plugin")]
    [InlineData(530, "NOT_ALLOWED - attempt to reuse consumer tag 't'")]
    [InlineData(540, "NOT_IMPLEMENTED - prefetch_size!=0 (100)")]
    [InlineData(541, "INTERNAL_ERROR")]
    public void A_hard_error_of_the_server_is_a_connection_error_with_its_code_and_text(ushort code, string text)
    {
        AlreadyClosedException error = new(new ShutdownEventArgs(ShutdownInitiator.Peer, code, text));
        ConnectionException mapped = Assert.IsType<ConnectionException>(ClientErrors.Map(error));
        Assert.Equal((ReplyCode)code, mapped.ReplyCode);
        Assert.Equal(text, mapped.Message);
    }

    [Fact]
    public void A_lost_socket_is_a_connection_error_that_says_why()
    {
        ShutdownEventArgs reason = new(ShutdownInitiator.Library, 541, "Unexpected Exception", new IOException("Connection reset by peer"));
        ConnectionException mapped = Assert.IsType<ConnectionException>(ClientErrors.FromReason(reason));
        Assert.Equal(ReplyCode.ConnectionForced, mapped.ReplyCode);
        Assert.Contains("Connection reset by peer", mapped.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_answer_that_does_not_come_is_a_connection_error_that_names_the_option()
    {
        foreach (Exception late in new Exception[] { new TimeoutException(), new OperationCanceledException() })
            Assert.Contains("OperationTimeout", Assert.IsType<ConnectionException>(ClientErrors.Map(late)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Refused_credentials_name_the_user_and_not_the_password()
    {
        BrokerUnreachableException error = new(new AuthenticationFailureException("ACCESS_REFUSED - Login was refused"));
        ConnectionException mapped = Assert.IsType<ConnectionException>(ClientErrors.FromConnect(error, new("rabbit:5672", "alice", "/")));
        Assert.Equal(ReplyCode.AccessRefused, mapped.ReplyCode);
        Assert.Contains("refused the user 'alice' (403)", mapped.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_unknown_virtual_host_is_named()
    {
        OperationInterruptedException error = new(new ShutdownEventArgs(ShutdownInitiator.Peer, 530, "NOT_ALLOWED - vhost nope not found", 10, 40));
        ConnectionException mapped = Assert.IsType<ConnectionException>(
            ClientErrors.FromConnect(ClientErrors.Map(error), new("rabbit:5672", "alice", "nope")));
        Assert.Equal(ReplyCode.NotAllowed, mapped.ReplyCode);
        Assert.Contains("vhost nope not found (530)", mapped.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Errors_of_the_caller_stay_as_they_are()
    {
        foreach (Exception own in new Exception[] { new ArgumentException("x"), new ObjectDisposedException("x"), new NotSupportedException("x") })
            Assert.Same(own, ClientErrors.Map(own));
        Assert.IsType<ConnectionException>(ClientErrors.Map(new SocketException((int)SocketError.ConnectionReset)));
        Assert.IsType<ArgumentException>(ClientErrors.Map(new WireFormattingException("Short string too long")));
        Assert.Equal(ReplyCode.ResourceError, Assert.IsType<ChannelException>(ClientErrors.Map(new ChannelAllocationException())).ReplyCode);
    }
}

using Confluent.Kafka;
using MessagingModels.Kafka.Clients;

namespace MessagingModels.Kafka.Tests.Clients;

public sealed class KafkaErrorsTests
{
    [Fact]
    public void Codes_of_Kafka_keep_their_number()
        => Assert.All(
            Enum.GetValues<ErrorCode>().Where(c => (int)c >= -1),
            code => Assert.Equal((int)code, (int)KafkaErrors.CodeOf(code)));

    [Theory]
    [InlineData(ErrorCode.Local_Transport, LogErrorCode.NetworkException)]
    [InlineData(ErrorCode.Local_Authentication, LogErrorCode.SaslAuthenticationFailed)]
    [InlineData(ErrorCode.Local_MsgTimedOut, LogErrorCode.RequestTimedOut)]
    [InlineData(ErrorCode.Local_UnknownTopic, LogErrorCode.UnknownTopicOrPartition)]
    [InlineData(ErrorCode.Local_UnknownPartition, LogErrorCode.UnknownTopicOrPartition)]
    [InlineData(ErrorCode.Local_AutoOffsetReset, LogErrorCode.OffsetOutOfRange)]
    [InlineData(ErrorCode.Local_Fenced, LogErrorCode.ProducerFenced)]
    [InlineData(ErrorCode.Local_MaxPollExceeded, LogErrorCode.UnknownMemberId)]
    [InlineData(ErrorCode.Local_State, LogErrorCode.InvalidTransactionState)]
    [InlineData(ErrorCode.Local_PurgeQueue, LogErrorCode.TransactionAbortable)]
    [InlineData(ErrorCode.Local_BadMsg, LogErrorCode.CorruptMessage)]
    [InlineData(ErrorCode.Local_CritSysResource, LogErrorCode.UnknownServerError)]
    public void Local_codes_become_the_nearest_of_Kafka(ErrorCode local, LogErrorCode expected)
        => Assert.Equal(expected, KafkaErrors.CodeOf(local));

    [Theory]
    [InlineData(ErrorCode.Local_Fenced, true, false)]
    [InlineData(ErrorCode.ProducerFenced, true, false)]
    [InlineData(ErrorCode.InvalidProducerEpoch, true, false)]
    [InlineData(ErrorCode.FencedInstanceId, true, false)]
    [InlineData(ErrorCode.Local_TimedOut, false, true)]
    [InlineData(ErrorCode.NotEnoughReplicas, false, true)]
    [InlineData(ErrorCode.NotLeaderForPartition, false, true)]
    [InlineData(ErrorCode.TopicAlreadyExists, false, false)]
    public void Fenced_and_retriable_come_out(ErrorCode code, bool isFenced, bool isRetriable)
    {
        LogException exception = new Error(code).ToException("A test");

        Assert.Equal(isFenced, exception.IsFenced);
        Assert.Equal(isRetriable, exception.IsRetriable);
    }

    [Fact]
    public void Message_keeps_text_and_original_code()
    {
        Assert.Equal(
            "Topic 'orders': no such thing (Kafka's code 3, UnknownTopicOrPartition).",
            new Error(ErrorCode.UnknownTopicOrPart, "no such thing.").ToException("Topic 'orders'").Message);
        Assert.Equal(
            "Topic 'orders': timed out (librdkafka's code -185, TimedOut).",
            new Error(ErrorCode.Local_TimedOut, "timed out").ToException("Topic 'orders'").Message);
    }

    [Fact]
    public void Request_for_several_things_fails_with_the_error_of_the_one_that_failed()
    {
        TopicPartitionOffsetException exception = new(
        [
            new TopicPartitionOffsetError("a", 0, 1, new Error(ErrorCode.NoError)),
            new TopicPartitionOffsetError("a", 1, 1, new Error(ErrorCode.IllegalGeneration)),
        ]);

        Assert.Equal(LogErrorCode.IllegalGeneration, exception.ToException("Commit").ErrorCode);
    }
}

using CsCheck;
using MessagingModels.Broker.Partitions;

namespace MessagingModels.Broker.Tests.Partitions;

/// <summary>
/// Random producers, transactions, deletions and restarts on one partition, against a list that says the same in the plainest way. After
/// each step: the same answers, the same records for both isolation levels, the same offsets.
/// </summary>
public sealed class PartitionModelTests
{
    private const int Producers = 3;

    private static readonly Gen<Step> _step = Gen.Select(
        Gen.Frequency(
            (6, Gen.Const(Kind.Plain)), (8, Gen.Const(Kind.Send)), (4, Gen.Const(Kind.Repeat)), (2, Gen.Const(Kind.Skip)), (4, Gen.Const(Kind.Commit)),
            (4, Gen.Const(Kind.Abort)), (2, Gen.Const(Kind.NewEpoch)), (1, Gen.Const(Kind.Delete)), (1, Gen.Const(Kind.Close)), (1, Gen.Const(Kind.Kill))),
        Gen.Int[0, Producers - 1], Gen.Int[1, 3], Gen.Int[0, 6],
        (kind, producer, records, distance) => new Step(kind, producer, records, distance));

    private enum Kind
    {
        Plain, Send, Repeat, Skip, Commit, Abort, NewEpoch, Delete, Close, Kill,
    }

    [Fact]
    public async Task A_partition_does_what_a_list_of_records_does() =>
        await _step.Array[1, 60].SampleAsync(RunAsync, iter: 300);

    private static async Task RunAsync(Step[] steps)
    {
        await using TestPartitions test = new();
        await test.CreateAsync("model", ("segment.bytes", "400"));
        Model model = new();
        foreach (Step step in steps)
        {
            if (step.Kind == Kind.Close) await test.ReopenAsync();
            if (step.Kind == Kind.Kill) test.ReopenAfterKill();
            Partition partition = test.Topics.Get(new TopicPartition("model", 0));
            await DoAsync(step, partition, model, test.NowMs);
            Assert.Equal(model.End, partition.HighWatermark);
            Assert.Equal(model.LastStable, partition.LastStableOffset);
            Assert.Equal(model.Visible(committed: false), TestBatches.Read(partition).Select(r => (r.Offset, r.Value!)));
            Assert.Equal(model.Visible(committed: true), TestBatches.Read(partition, IsolationLevel.ReadCommitted, maxBytes: 150).Select(r => (r.Offset, r.Value!)));
        }
    }

    private static async Task DoAsync(Step step, Partition partition, Model model, long nowMs)
    {
        ModelProducer producer = model.Producers[step.Producer];
        switch (step.Kind)
        {
            case Kind.Plain:
                long plain = model.End;
                string[] values = model.Add(step.Records, null);
                Assert.Equal(plain, (await partition.AppendAsync(TestBatches.Of(nowMs, values), Acks.All)).BaseOffset);
                break;
            case Kind.Send:
                ModelBatch sent = new(producer.NextSequence, model.End, model.Add(step.Records, producer));
                producer.Remember(sent);
                Assert.Equal(sent.Offset, (await SendAsync(partition, producer, sent.Sequence, sent.Values, nowMs)).BaseOffset);
                break;
            case Kind.Repeat when step.Distance < producer.Batches.Count:
                ModelBatch repeated = producer.Batches[^(step.Distance + 1)];
                if (step.Distance < 5) Assert.Equal(repeated.Offset, (await SendAsync(partition, producer, repeated.Sequence, repeated.Values, nowMs)).BaseOffset);
                else await RefusedAsync(LogErrorCode.DuplicateSequenceNumber, partition, producer, repeated.Sequence, repeated.Values, nowMs);
                break;
            case Kind.Skip when producer.Batches.Count > 0:
                await RefusedAsync(LogErrorCode.OutOfOrderSequenceNumber, partition, producer, producer.NextSequence + 1 + step.Distance, ["x"], nowMs);
                break;
            case Kind.Commit or Kind.Abort when producer.IsTransactional && producer.FirstOpenOffset is not null:
                await partition.AppendMarkerAsync(producer.Id, producer.Epoch, 0, step.Kind == Kind.Commit);
                model.End++;
                Model.Finish(producer, isAborted: step.Kind == Kind.Abort);
                break;
            case Kind.NewEpoch when producer.FirstOpenOffset is null && producer.Batches.Count > 0:
                producer.BeginEpoch();
                ModelBatch first = new(0, model.End, model.Add(1, producer));
                producer.Remember(first);
                await SendAsync(partition, producer, 0, first.Values, nowMs);
                break;
            case Kind.Delete:
                // Only what is stable: a reader of a transaction whose beginning is gone is another matter.
                model.Start = Math.Max(model.Start, Math.Min(model.LastStable, model.Start + step.Distance));
                Assert.Equal(model.Start, await partition.DeleteRecordsAsync(model.Start));
                break;
        }
    }

    private static ValueTask<PartitionAppendResult> SendAsync(Partition partition, ModelProducer producer, int sequence, string[] values, long nowMs) =>
        partition.AppendAsync(TestBatches.OfProducer(nowMs, producer.Id, producer.Epoch, sequence, producer.IsTransactional, values), Acks.All);

    private static async Task RefusedAsync(
        LogErrorCode code, Partition partition, ModelProducer producer, int sequence, string[] values, long nowMs) =>
        Assert.Equal(code, (await Assert.ThrowsAsync<LogException>(async () => await SendAsync(partition, producer, sequence, values, nowMs))).ErrorCode);

    private sealed record Step(Kind Kind, int Producer, int Records, int Distance);

    private sealed record ModelBatch(int Sequence, long Offset, string[] Values);

    private sealed class ModelRecord(long offset, string value)
    {
        public long Offset { get; } = offset;

        public string Value { get; } = value;

        public bool IsAborted { get; set; }
    }

    private sealed class ModelProducer(long id)
    {
        public long Id => id;

        // One of them does without transactions.
        public bool IsTransactional => id != 0;

        public short Epoch { get; private set; }

        public List<ModelBatch> Batches { get; } = [];

        public List<ModelRecord> Open { get; } = [];

        public int NextSequence { get; private set; }

        public long? FirstOpenOffset => Open.Count == 0 ? null : Open[0].Offset;

        public void Remember(ModelBatch batch)
        {
            Batches.Add(batch);
            NextSequence = batch.Sequence + batch.Values.Length;
        }

        public void BeginEpoch()
        {
            Epoch++;
            Batches.Clear();
        }
    }

    private sealed class Model
    {
        private readonly List<ModelRecord> _records = [];

        public ModelProducer[] Producers { get; } = [.. Enumerable.Range(0, PartitionModelTests.Producers).Select(i => new ModelProducer(i))];

        public long Start { get; set; }

        public long End { get; set; }

        public long LastStable => Producers.Min(p => p.FirstOpenOffset) ?? End;

        public string[] Add(int count, ModelProducer? producer)
        {
            string[] values = new string[count];
            for (int i = 0; i < count; i++)
            {
                bool isOpen = producer is { IsTransactional: true };
                ModelRecord record = new(End, values[i] = $"v{End}");
                End++;
                _records.Add(record);
                if (isOpen) producer!.Open.Add(record);
            }
            return values;
        }

        public static void Finish(ModelProducer producer, bool isAborted)
        {
            foreach (ModelRecord record in producer.Open) record.IsAborted = isAborted;
            producer.Open.Clear();
        }

        public IEnumerable<(long, string)> Visible(bool committed) => _records
            .Where(r => r.Offset >= Start && (!committed || (r.Offset < LastStable && !r.IsAborted)))
            .Select(r => (r.Offset, r.Value));
    }
}

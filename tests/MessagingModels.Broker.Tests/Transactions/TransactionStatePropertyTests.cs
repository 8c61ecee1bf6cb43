using CsCheck;
using MessagingModels.Broker.Transactions;

namespace MessagingModels.Broker.Tests.Transactions;

/// <summary>Two producers that fight for one transactional id, against a naive model of who may do what.</summary>
public class TransactionStatePropertyTests
{
    private enum Step
    {
        Initialize,
        Recover,
        Add,
        Commit,
        Abort,
        WriteMarkers,
        TimeOut,
    }

    private static readonly Gen<(Step Step, int Producer)[]> s_steps = Gen.Select(Gen.Enum<Step>(), Gen.Int[0, 1]).Array[1, 80];

    [Fact]
    public void Only_the_newest_producer_acts_and_every_transaction_ends_as_decided()
        => s_steps.Sample(steps =>
        {
            Model model = new();
            foreach ((Step step, int producer) in steps) model.Do(step, producer);
        });

    [Fact]
    public void Stored_states_come_back_as_written()
        => Gen.Select(Gen.Enum<TransactionStatus>(), Gen.Long, Gen.Short, Gen.Int[0, 5], Gen.Long).Sample((status, id, epoch, partitions, at) =>
        {
            TransactionMetadata state = new()
            {
                TransactionalId = "t",
                Producer = new ProducerIdentity(id, epoch),
                Timeout = TimeSpan.FromSeconds(60),
                Status = status,
                Partitions = status == TransactionStatus.Empty ? [] : [.. Enumerable.Range(0, partitions).Select(i => new TopicPartition($"t{i % 2}", i))],
                UpdatedAtMs = at,
                StartedAtMs = at,
            };
            System.Buffers.ArrayBufferWriter<byte> key = new(), value = new();
            TransactionRecords.WriteKey(key, "t");
            TransactionRecords.WriteValue(value, state);
            TransactionMetadata read = TransactionRecords.ReadValue(TransactionRecords.ReadKey(key.WrittenSpan)!, value.WrittenSpan);
            Assert.Equal(state with { Partitions = read.Partitions }, read);
            Assert.True(state.Partitions.SetEquals(read.Partitions));
        });

    private sealed class Model
    {
        private static readonly TimeSpan s_timeout = TimeSpan.FromSeconds(60);

        private readonly ProducerIdentity?[] _producers = new ProducerIdentity?[2];
        private TransactionMetadata? _state;
        private int? _owner;
        private bool _isOpen;
        private bool? _decision;
        private bool? _lastOutcome;
        private long _nextId;
        private long _now = 1;

        public void Do(Step step, int producer)
        {
            _now++;
            TransactionMetadata? before = _state;
            switch (step)
            {
                case Step.Initialize:
                    Initialize(producer, null);
                    break;
                case Step.Recover when _producers[producer] is { } current:
                    Initialize(producer, current);
                    break;
                case Step.Add when _producers[producer] is { } current:
                    Add(producer, current);
                    break;
                case Step.Commit or Step.Abort when _producers[producer] is { } current:
                    End(producer, current, step == Step.Commit);
                    break;
                case Step.WriteMarkers when _state is { IsEnding: true }:
                    _state = TransactionState.Complete(_state, _now);
                    (_lastOutcome, _decision) = (_decision, null);
                    break;
                case Step.TimeOut when _isOpen:
                    _state = TransactionState.Fence(_state!, _now);
                    (_isOpen, _decision, _owner) = (false, false, null);
                    break;
            }

            Check(before);
        }

        private void Initialize(int producer, ProducerIdentity? current)
        {
            TransactionDecision decision = TransactionState.Initialize(_state, "t", s_timeout, current, () => _nextId++, _now);
            LogErrorCode expected = _decision is not null ? LogErrorCode.ConcurrentTransactions
                : current is not null && _owner != producer ? LogErrorCode.ProducerFenced
                : _isOpen ? LogErrorCode.ConcurrentTransactions
                : LogErrorCode.None;
            Assert.Equal(expected, decision.Error);
            if (expected != LogErrorCode.None)
                return;
            _state = decision.Next!;
            _owner = producer;
            _producers[producer] = _state.Producer;
            _lastOutcome = null;
        }

        private void Add(int producer, ProducerIdentity current)
        {
            TransactionDecision decision = TransactionState.AddPartitions(_state, current, [new TopicPartition("t", (int)_now % 3)], _now);
            LogErrorCode expected = _owner != producer ? LogErrorCode.ProducerFenced
                : _decision is not null ? LogErrorCode.ConcurrentTransactions
                : LogErrorCode.None;
            Assert.Equal(expected, decision.Error);
            if (expected != LogErrorCode.None)
                return;
            _state = decision.Next ?? _state;
            _isOpen = true;
        }

        private void End(int producer, ProducerIdentity current, bool commit)
        {
            TransactionDecision decision = TransactionState.End(_state, current, commit, _now);
            LogErrorCode expected = _owner != producer ? LogErrorCode.ProducerFenced
                : _isOpen ? LogErrorCode.None
                : _decision is { } decided ? decided == commit ? LogErrorCode.ConcurrentTransactions : LogErrorCode.InvalidTransactionState
                : _lastOutcome == commit ? LogErrorCode.None
                : LogErrorCode.InvalidTransactionState;
            Assert.Equal(expected, decision.Error);
            if (decision.Next is not { } next)
                return;
            _state = next;
            (_isOpen, _decision) = (false, commit);
        }

        private void Check(TransactionMetadata? before)
        {
            if (_state is null)
                return;
            Assert.Equal(_isOpen, _state.Status == TransactionStatus.Ongoing);
            Assert.Equal(_decision is not null, _state.IsEnding);
            Assert.Equal(_isOpen || _decision is not null, !_state.Partitions.IsEmpty);
            Assert.True(before is null || before.Producer.ProducerId != _state.Producer.ProducerId || before.Producer.Epoch <= _state.Producer.Epoch);
        }
    }
}

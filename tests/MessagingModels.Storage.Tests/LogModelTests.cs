using CsCheck;
using MessagingModels.Formats.Records;
using MessagingModels.Storage.Files;
using Microsoft.Extensions.Time.Testing;

namespace MessagingModels.Storage.Tests;

/// <summary>The log against a list of batches: whatever is done to both, both hold the same.</summary>
public sealed class LogModelTests
{
    private static readonly Gen<Step> Steps = Gen.Frequency(
        (10, Gen.Select(Gen.Int[1, 4], Gen.Int[1, 250], (records, bytes) => new Step(Kind.Append, records, bytes))),
        (4, Gen.Select(Gen.Int[0, 200], Gen.Int[1, 1500], (at, bytes) => new Step(Kind.Read, at, bytes))),
        (1, Gen.Int[0, 100].Select(at => new Step(Kind.Truncate, at, 0))),
        (1, Gen.Int[0, 100].Select(at => new Step(Kind.DeleteBefore, at, 0))),
        (1, Gen.Int[1, 4000].Select(bytes => new Step(Kind.Retention, bytes, 0))),
        (1, Gen.Int[0, 400].Select(at => new Step(Kind.FindByTime, at, 0))),
        (1, Gen.Const(new Step(Kind.Reopen, 0, 0))),
        (1, Gen.Const(new Step(Kind.Abandon, 0, 0))));

    private enum Kind
    {
        Append,
        Read,
        Truncate,
        DeleteBefore,
        Retention,
        FindByTime,
        Reopen,
        Abandon,
    }

    [Fact]
    public void The_log_does_what_a_list_does() => Steps.Array[1, 60].Sample(
        steps =>
        {
            using Pair pair = new();
            foreach (Step step in steps) pair.Do(step);
            pair.Reopen(cleanly: true);
            pair.Reopen(cleanly: false);
        },
        iter: 400);

    private sealed record Step(Kind Kind, int A, int B);

    private sealed class Pair : IDisposable
    {
        private readonly MemoryFileSystem _files = new();
        private readonly FakeTimeProvider _time = new(DateTimeOffset.FromUnixTimeMilliseconds(1_000));
        private readonly List<(long Base, byte[] Bytes)> _model = [];
        private DataDirectory _store;
        private Log _log;
        private long _start;
        private long _next;
        private int _appends;

        public Pair()
        {
            _store = DataDirectory.Open(_files, "/data");
            _log = Open();
        }

        public void Do(Step step)
        {
            switch (step.Kind)
            {
                case Kind.Append: Append(step.A, step.B); break;
                case Kind.Read: Read(_start + (_next == _start ? 0 : step.A % (_next - _start)), step.B); break;
                case Kind.Truncate: Truncate(_start + (_next == _start ? 0 : step.A % (_next - _start + 1))); break;
                case Kind.DeleteBefore: DeleteBefore(_start + (step.A % (_next - _start + 1))); break;
                case Kind.Retention: ApplyRetention(step.A); break;
                case Kind.FindByTime: FindByTime(step.A * 10); break;
                default: Reopen(cleanly: step.Kind == Kind.Reopen); break;
            }
            Compare();
        }

        public void Reopen(bool cleanly)
        {
            if (cleanly) _log.DisposeAsync().AsTask().GetAwaiter().GetResult();
            _store.Dispose();
            _store = DataDirectory.Open(_files, "/data");
            _log = Open();
            Compare();
        }

        public void Dispose() => _store.Dispose();

        private void Append(int records, int valueBytes)
        {
            byte[] bytes = Batches.Of(records, valueBytes, timestampMs: 10 * _appends++);
            LogAppendResult at = _log.Append(bytes);
            Assert.Equal((_next, _next + records - 1), (at.FirstOffset, at.LastOffset));
            _model.Add((_next, bytes));
            _next += records;
        }

        private void Read(long offset, int maxBytes)
        {
            LogReadResult read = _log.Read(offset, maxBytes);
            if (offset == _next)
            {
                Assert.True(read.Batches.IsEmpty);
                return;
            }
            int first = _model.FindLastIndex(b => b.Base <= offset);
            Assert.Equal(_model[first].Base, read.BaseOffset);
            byte[] expected = [.. _model[first..].TakeWhile(b => b.Base < read.NextOffset).SelectMany(b => b.Bytes)];
            Assert.True(read.Batches.Span.SequenceEqual(expected));
            Assert.True(expected.Length <= Math.Max(maxBytes, _model[first].Bytes.Length));
        }

        private void Truncate(long offset)
        {
            _log.TruncateTo(offset);
            if (offset >= _next) return;
            int first = _model.FindLastIndex(b => b.Base <= offset);
            _next = _model[first].Base;
            _model.RemoveRange(first, _model.Count - first);
            _start = Math.Min(_start, _next);
        }

        private void DeleteBefore(long offset)
        {
            _log.DeleteBefore(offset);
            _start = offset;
            _model.RemoveAll(b => LastOffset(b) < offset);
        }

        private void ApplyRetention(int bytes)
        {
            _log.Options = _log.Options with { RetentionBytes = bytes };
            _log.ApplyRetention();
            Assert.True(_log.SizeInBytes < bytes + _log.Options.SegmentBytes || _log.Segments.Count == 1);
            _start = Math.Max(_start, _log.LogStartOffset);
            _model.RemoveAll(b => LastOffset(b) < _start);
        }

        private void FindByTime(long timestampMs)
        {
            (long Offset, long Time)? expected = null;
            foreach ((long Base, byte[] Bytes) batch in _model)
            {
                RecordBatchView view = new(batch.Bytes);
                for (int i = 0; i < view.RecordCount && expected is null; i++)
                {
                    if (batch.Base + i >= _start && view.BaseTimestamp + i >= timestampMs) expected = (batch.Base + i, view.BaseTimestamp + i);
                }
            }
            OffsetAndTimestamp? found = _log.FindByTimestamp(timestampMs);
            Assert.Equal(expected, found is { } f ? (f.Offset, f.TimestampMs) : null);
        }

        private void Compare()
        {
            Assert.Equal((_start, _next), (_log.LogStartOffset, _log.NextOffset));
            List<byte[]> stored = Batches.ReadAll(_log);
            Assert.Equal(_model.Count, stored.Count);
            for (int i = 0; i < stored.Count; i++) Assert.True(stored[i].AsSpan().SequenceEqual(_model[i].Bytes));
        }

        private static long LastOffset((long Base, byte[] Bytes) batch) => batch.Base + new RecordBatchView(batch.Bytes).LastOffsetDelta;

        private Log Open() => Log.Open(_store, "/data/model-0", new LogOptions { SegmentBytes = 1500, IndexIntervalBytes = 200, RetentionAge = null }, _time);
    }
}

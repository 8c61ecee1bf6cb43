using BenchmarkDotNet.Attributes;
using MessagingModels.Formats.Records;
using MessagingModels.Storage;
using MessagingModels.Storage.Files;
using Microsoft.Win32.SafeHandles;

namespace MessagingModels.Benchmarks;

/// <summary>
/// Batches of 16 KiB (1 KiB records) into and out of a log at <see cref="Durability.PageCache"/>, against the same bytes written and read
/// with plain file calls, and copied in memory. One operation is one batch.
/// </summary>
[Config(typeof(RatioConfig))]
public class StorageBenchmarks
{
    private const int Batches = 8192;
    private const int RecordBytes = 1024;
    private const int RecordsPerBatch = 15;

    private readonly byte[] _memory = new byte[64 * 1024 * 1024];
    private BenchmarkDirectory? _directory;
    private DataDirectory? _data;
    private Log? _log;
    private SafeFileHandle? _raw;
    private byte[] _batch = [];
    private byte[] _buffer = [];

    [GlobalSetup]
    public void BuildBatch()
    {
        RecordBatchBuilder builder = new(32 * 1024);
        builder.Reset(0);
        byte[] value = new byte[RecordBytes];
        Random.Shared.NextBytes(value);
        for (int i = 0; i < RecordsPerBatch; i++)
            builder.Append(i, [], false, value, true, []);
        _batch = builder.Build().ToArray();
        _buffer = new byte[_batch.Length];
    }

    [IterationSetup(Targets = [nameof(RawWrite), nameof(Append), nameof(MemoryCopy)])]
    public void OpenEmpty()
    {
        _directory = new BenchmarkDirectory();
        _data = DataDirectory.Open(DiskFileSystem.Instance, _directory.Path);
        _log = Log.Open(_data, Path.Combine(_directory.Path, "log-0"));
        _raw = File.OpenHandle(Path.Combine(_directory.Path, "raw"), FileMode.Create, FileAccess.ReadWrite);
    }

    [IterationSetup(Targets = [nameof(RawRead), nameof(Fetch), nameof(FetchIntoBuffer)])]
    public void OpenFull()
    {
        OpenEmpty();
        RawWrite();
        Append();
    }

    [IterationCleanup]
    public void Close()
    {
        _log!.DisposeAsync().AsTask().GetAwaiter().GetResult();
        _data!.Dispose();
        _raw!.Dispose();
        _directory!.Dispose();
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = Batches)]
    public void RawWrite()
    {
        for (int i = 0; i < Batches; i++)
            RandomAccess.Write(_raw!, _batch, (long)i * _batch.Length);
    }

    [Benchmark(OperationsPerInvoke = Batches)]
    public void Append()
    {
        for (int i = 0; i < Batches; i++)
            _log!.Append(_batch);
    }

    [Benchmark(OperationsPerInvoke = Batches)]
    public void MemoryCopy()
    {
        int position = 0;
        for (int i = 0; i < Batches; i++)
        {
            _batch.CopyTo(_memory.AsSpan(position));
            position = position + (2 * _batch.Length) > _memory.Length ? 0 : position + _batch.Length;
        }
    }

    [Benchmark(OperationsPerInvoke = Batches)]
    public long RawRead()
    {
        long total = 0;
        for (int i = 0; i < Batches; i++)
            total += RandomAccess.Read(_raw!, _buffer, (long)i * _batch.Length);
        return total;
    }

    [Benchmark(OperationsPerInvoke = Batches)]
    public long Fetch()
    {
        long total = 0;
        for (long offset = 0; offset < (long)Batches * RecordsPerBatch; offset += RecordsPerBatch)
            total += _log!.Read(offset, _batch.Length).Batches.Length;
        return total;
    }

    /// <summary>As <see cref="RawRead"/> does: into the same buffer again and again, where <see cref="Fetch"/> returns a fresh array.</summary>
    [Benchmark(OperationsPerInvoke = Batches)]
    public long FetchIntoBuffer()
    {
        long total = 0;
        for (long offset = 0; offset < (long)Batches * RecordsPerBatch; offset += RecordsPerBatch)
            total += _log!.Read(offset, _buffer.AsMemory()).Batches.Length;
        return total;
    }
}

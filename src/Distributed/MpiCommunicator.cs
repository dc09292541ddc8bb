using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using MiniMind.MLNet.Dpo.Training.Distributed.Mpi;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Training.Distributed;

/// <summary>Connects the processes that mpirun, mpiexec or srun started, by Open MPI or a library of the MPICH family, on Linux.</summary>
/// <remarks>
/// One per process. CUDA tensors go through the CPU's memory; for GPUs there is <see cref="NcclCommunicator"/>.
/// The run is left when the communicator is disposed, or when the process exits with code 0; a process that exits with another
/// code ends all ranks.
/// </remarks>
public sealed unsafe class MpiCommunicator : ICommunicator
{
    // launchers drop what they have not forwarded yet when a rank aborts
    private static readonly TimeSpan s_forwarding = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan s_abortTimeout = TimeSpan.FromSeconds(5);

    // small parts stay in the cache, and one adds up while another travels
    private const int SumPart = MpiWorker.ScratchBytes / sizeof(float);

    private readonly MpiOptions _options;
    private readonly MpiWorker _worker;
    private Exception? _failure;
    private long _collectives;
    private int _disposed;

    /// <summary>Loads the library and joins the run.</summary>
    /// <exception cref="DllNotFoundException">No MPI library can be loaded; the message says what to install.</exception>
    /// <exception cref="CommunicationException">The library does not belong to the launcher, or the other ranks did not come in time.</exception>
    public MpiCommunicator(MpiOptions? options = null)
    {
        _options = options ?? new MpiOptions();
        _options.Validate();
        LaunchEnvironment launch = LaunchEnvironment.Current;
        string? chosen = _options.Library ?? Environment.GetEnvironmentVariable(MpiLibrary.Variable);
        MpiLibrary? library = null;
        _worker = new MpiWorker(() => new MpiApi(library = MpiLibrary.Load(chosen, launch.Family)));
        if (!_worker.WaitForStart(_options.Timeout))
        {
            throw new CommunicationException(
                $"MPI_Init_thread of {library?.Name} did not return within {Seconds(_options.Timeout)}: not all processes of the run have called it.");
        }

        if (launch.Size is { } expected && expected != _worker.Size)
        {
            throw new CommunicationException(
                $"The launcher, {launch.Launcher}, started {expected} processes, but {library!.Name} ({_worker.Version}) sees {_worker.Size}: they do not " +
                    "belong together. " +
                $"Start with the mpirun of that library, or name the launcher's library with {MpiLibrary.Variable} (it is {chosen ?? "not set"}).");
        }

        AppDomain.CurrentDomain.ProcessExit += OnProcessExit;
    }

    /// <inheritdoc/>
    public int Rank => _worker.Rank;

    /// <inheritdoc/>
    public int Size => _worker.Size;

    /// <inheritdoc/>
    public TimeSpan Timeout => _options.Timeout;

    /// <inheritdoc/>
    public CommunicatorActivity Activity { get; } = new(TimeProvider.System);

    /// <summary>The MPI library's name and version, as it gives them.</summary>
    public string LibraryVersion => _worker.Version;

    /// <inheritdoc/>
    public void Barrier() => Complete(Post("barrier", null, static (api, _, request) => api.BeginBarrier(request)));

    /// <inheritdoc/>
    public IPendingCollective BeginAllReduceSum(Tensor flat)
    {
        ArgumentNullException.ThrowIfNull(flat);
        TensorBuffer.RequireFloat(flat);
        TensorBuffer.RequireContiguous(flat);
        HostTensor host = new(flat);
        MpiCollective collective = Post($"all-reduce of {flat.NumberOfElements:N0} floats", host,
            Chunks(flat.NumberOfElements, Math.Min(SumPart, _options.LargestCount), (offset, length) =>
            (api, scratch, request) => api.BeginSum((float*)host.Address + offset, length, scratch, request)));
        return new MpiPendingReduction(collective, host, Complete);
    }

    /// <inheritdoc/>
    public void AllReduce(Span<double> values, ReduceOperation operation) => AllReduce(values, operation, _worker.Handles.Double, "doubles");

    /// <inheritdoc/>
    public void AllReduce(Span<long> values, ReduceOperation operation) => AllReduce(values, operation, _worker.Handles.Int64, "integers");

    /// <inheritdoc/>
    public void Broadcast(IReadOnlyList<Tensor> tensors, int root)
    {
        ArgumentNullException.ThrowIfNull(tensors);
        RequireRank(root);
        foreach (Tensor tensor in tensors)
            TensorBuffer.RequireContiguous(tensor);
        List<(MpiCollective Collective, HostTensor Host)> pending = new(tensors.Count);
        foreach (Tensor tensor in tensors)
        {
            HostTensor host = new(tensor);
            pending.Add((PostBroadcast(host, host.Address, TensorBuffer.ByteCount(tensor), root), host));
        }
        foreach ((MpiCollective collective, HostTensor host) in pending)
        {
            Complete(collective);
            host.Return();
        }
    }

    /// <inheritdoc/>
    public void Broadcast(Span<byte> bytes, int root)
    {
        RequireRank(root);
        byte[] buffer = Pinned<byte>(bytes.Length);
        bytes.CopyTo(buffer);
        Complete(PostBroadcast(buffer, (nint)Address(buffer), bytes.Length, root));
        buffer.CopyTo(bytes);
    }

    /// <inheritdoc/>
    public byte[][] AllGather(ReadOnlySpan<byte> block)
    {
        long[] lengths = new long[Size];
        lengths[Rank] = block.Length;
        AllReduce(lengths, ReduceOperation.Sum);

        byte[][] blocks = Array.ConvertAll(lengths, length => new byte[length]);
        int largest = Math.Max(1, _options.LargestCount / Size);
        for (long done = 0; done < lengths.Max(); done += largest)
        {
            int[] counts = Pinned<int>(Size), offsets = Pinned<int>(Size);
            for (int rank = 0, total = 0; rank < Size; total += counts[rank++])
                (counts[rank], offsets[rank]) = ((int)Math.Clamp(lengths[rank] - done, 0, largest), total);
            byte[] sent = Pinned<byte>(counts[Rank]), received = Pinned<byte>(offsets[^1] + counts[^1]);
            if (sent.Length > 0)
                block.Slice((int)done, sent.Length).CopyTo(sent);
            Complete(Post($"all-gather of {received.Length:N0} bytes", (sent, received, counts, offsets), (api, _, request) =>
                api.BeginAllGather(Address(sent), sent.Length, Address(received), Address(counts), Address(offsets), request)));
            for (int rank = 0; rank < Size; rank++)
                received.AsSpan(offsets[rank], counts[rank]).CopyTo(blocks[rank].AsSpan((int)Math.Min(done, lengths[rank])));
        }
        return blocks;
    }

    /// <inheritdoc/>
    public void Abort(int code, string message)
    {
        RankMessage.Write(Rank, message);
        Thread.Sleep(s_forwarding);
        _worker.Abort(code == 0 ? 1 : code, s_abortTimeout);
        SystemLibrary.Exit(code == 0 ? 1 : code);
    }

    /// <summary>Leaves the run with the other ranks; after a failed collective it ends them instead.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
            return;
        AppDomain.CurrentDomain.ProcessExit -= OnProcessExit;
        if (_failure is not null)
            Abort(1, $"The communicator is disposed after a failure, so all ranks end: {_failure.Message}");
        if (!_worker.Close(Timeout))
            Abort(1, $"MPI_Finalize did not return within {Seconds(Timeout)}: another rank has not disposed its communicator.");
    }

    /// <summary>Splits a count into parts that MPI's 32-bit counts hold.</summary>
    internal static MpiStart[] Chunks(long count, int largest, Func<long, int, MpiStart> part)
    {
        MpiStart[] parts = new MpiStart[(count + largest - 1) / largest];
        for (int i = 0; i < parts.Length; i++)
        {
            long offset = (long)i * largest;
            parts[i] = part(offset, (int)Math.Min(largest, count - offset));
        }
        return parts;
    }

    private void AllReduce<T>(Span<T> values, ReduceOperation operation, nint type, string name)
        where T : unmanaged
    {
        nint handle = _worker.Handles.Of(operation);
        T[] buffer = Pinned<T>(values.Length);
        values.CopyTo(buffer);
        Complete(Post($"all-reduce of {values.Length:N0} {name}", buffer,
            (api, _, request) => api.BeginAllReduce(Address(buffer), buffer.Length, type, handle, request)));
        buffer.CopyTo(values);
    }

    private MpiCollective PostBroadcast(object memory, nint address, long bytes, int root) =>
        Post($"broadcast of {bytes:N0} bytes from rank {root}", memory, Chunks(bytes, _options.LargestCount, (offset, length) =>
            (api, _, request) => api.BeginBroadcast((byte*)address + offset, length, root, request)));

    private MpiCollective Post(string description, object? memory, params MpiStart[] starts)
    {
        ObjectDisposedException.ThrowIf(_disposed != 0, this);
        if (_failure is not null)
            throw new CommunicationException("An earlier collective failed, so the ranks are out of step: " + _failure.Message, _failure);
        MpiCollective collective = new($"collective {++_collectives} ({description})", memory, starts);
        _worker.Post(collective);
        return collective;
    }

    private void Complete(MpiCollective collective)
    {
        Activity.Enter(collective.Description);
        if (!collective.Wait(Timeout))
        {
            _failure ??= new CommunicationException(
                $"{collective.Description} did not complete within {Seconds(Timeout)}: another rank has ended, hangs, or called another collective.");
        }
        else if (collective.Failure is not null)
        {
            _failure ??= new CommunicationException($"{collective.Description}: {collective.Failure.Message}", collective.Failure);
        }

        if (_failure is not null)
            throw _failure;
        Activity.Leave(collective.Description);
    }

    private void OnProcessExit(object? sender, EventArgs e)
    {
        if (Environment.ExitCode != 0)
            Abort(Environment.ExitCode, $"The process exits with code {Environment.ExitCode} while the run goes on.");
        Dispose();
    }

    private void RequireRank(int root)
    {
        if (root < 0 || root >= Size)
            throw new ArgumentOutOfRangeException(nameof(root), root, $"The root must be a rank from 0 to {Size - 1}.");
    }

    private static string Seconds(TimeSpan time) => $"{time.TotalSeconds:0.###} s";

    // pinned for good: a rank that stops waiting at its deadline leaves MPI writing into it
    private static T[] Pinned<T>(int length) where T : unmanaged => GC.AllocateUninitializedArray<T>(length, pinned: true);

    private static T* Address<T>(T[] pinned) where T : unmanaged => (T*)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(pinned));
}

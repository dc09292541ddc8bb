using System.Runtime.InteropServices;
using MiniMind.MLNet.Dpo.Training.Distributed.Nccl;
using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Training.Distributed;

/// <summary>Connects processes with one NVIDIA GPU each: CUDA tensors go by NCCL, everything else by the communicator that found the ranks.</summary>
/// <remarks>
/// TorchSharp works on CUDA's legacy default stream, and NCCL's kernels are put into the same one: they run after the work that
/// wrote the tensor and before the work that reads it, so <see cref="IPendingCollective.Wait"/> does not hold the host up, and
/// a sum does not overlap the backward pass. A collective that does not complete within the timeout ends all ranks.
/// </remarks>
public sealed class NcclCommunicator : ICommunicator
{
    private readonly ICommunicator _control;
    private readonly INcclApi _api;
    private readonly ICudaEvents _events;
    private readonly int _device;
    private readonly nint _communicator;
    private readonly NcclWatch _watch;
    private long _collectives;
    private bool _disposed;

    /// <summary>Joins the ranks of a communicator by NCCL; all of them call this.</summary>
    /// <param name="control">Carries NCCL's id and everything that is no CUDA tensor, as a rule an <see cref="MpiCommunicator"/>; disposed with this
    /// one.</param>
    /// <param name="device">This process's GPU, as a rule <see cref="ProcessGroup.LocalRank"/>.</param>
    /// <exception cref="DllNotFoundException">NCCL or the NVIDIA driver cannot be loaded; the message says what to install.</exception>
    /// <exception cref="CommunicationException">NCCL or the driver reports an error.</exception>
    public NcclCommunicator(ICommunicator control, int device)
        : this(control, device, NcclLibrary.Load(Environment.GetEnvironmentVariable(NcclLibrary.Variable)), new CudaDriver(device), TimeProvider.System)
    {
    }

    internal NcclCommunicator(ICommunicator control, int device, INcclApi api, ICudaEvents events, TimeProvider clock)
    {
        (_control, _device, _api, _events) = (control, device, api, events);
        NcclUniqueId id = default;
        if (Rank == 0)
            Check(api.GetUniqueId(out id), "ncclGetUniqueId");
        control.Broadcast(MemoryMarshal.AsBytes(new Span<NcclUniqueId>(ref id)), root: 0);
        events.UseDevice();
        Activity.Enter("ncclCommInitRank");
        using (new HangWatch(control))
            Check(api.CommInitRank(out _communicator, Size, id, Rank), "ncclCommInitRank");
        Activity.Leave("ncclCommInitRank");
        _watch = new NcclWatch(api, events, _communicator, Timeout, clock, Fail);
    }

    /// <inheritdoc/>
    public int Rank => _control.Rank;

    /// <inheritdoc/>
    public int Size => _control.Size;

    /// <inheritdoc/>
    public TimeSpan Timeout => _control.Timeout;

    /// <inheritdoc/>
    public CommunicatorActivity Activity => _control.Activity;

    /// <inheritdoc/>
    public void Barrier() => _control.Barrier();

    /// <inheritdoc/>
    public IPendingCollective BeginAllReduceSum(Tensor flat)
    {
        ArgumentNullException.ThrowIfNull(flat);
        if (flat.device_type != DeviceType.CUDA)
            return _control.BeginAllReduceSum(flat);
        TensorBuffer.RequireFloat(flat);
        TensorBuffer.RequireContiguous(flat);
        RequireDevice(flat);
        AllReduceMemory(TensorBuffer.Address(flat), flat.NumberOfElements);
        return CompletedCollective.Instance;
    }

    /// <inheritdoc/>
    public void AllReduce(Span<double> values, ReduceOperation operation) => _control.AllReduce(values, operation);

    /// <inheritdoc/>
    public void AllReduce(Span<long> values, ReduceOperation operation) => _control.AllReduce(values, operation);

    /// <inheritdoc/>
    public void Broadcast(IReadOnlyList<Tensor> tensors, int root)
    {
        ArgumentNullException.ThrowIfNull(tensors);
        foreach (Tensor tensor in tensors)
            TensorBuffer.RequireContiguous(tensor);
        Tensor[] cuda = [.. tensors.Where(tensor => tensor.device_type == DeviceType.CUDA)];
        foreach (Tensor tensor in cuda)
            RequireDevice(tensor);
        if (cuda.Length < tensors.Count)
            _control.Broadcast([.. tensors.Where(tensor => tensor.device_type != DeviceType.CUDA)], root);
        if (cuda.Length == 0)
            return;

        BroadcastMemory(Array.ConvertAll(cuda, tensor => (TensorBuffer.Address(tensor), TensorBuffer.ByteCount(tensor))), root);
    }

    /// <inheritdoc/>
    public void Broadcast(Span<byte> bytes, int root) => _control.Broadcast(bytes, root);

    /// <inheritdoc/>
    public byte[][] AllGather(ReadOnlySpan<byte> block) => _control.AllGather(block);

    /// <inheritdoc/>
    public void Abort(int code, string message) => _control.Abort(code, message);

    /// <summary>Leaves the run with the other ranks.</summary>
    public void Dispose()
    {
        if (_disposed)
            return;
        _disposed = true;
        _watch.Dispose();
        Check(_api.CommDestroy(_communicator), "ncclCommDestroy");
        _control.Dispose();
    }

    /// <summary>Gives the GPU the sum of floats in its memory.</summary>
    internal void AllReduceMemory(nint address, long count) =>
        Enqueue($"all-reduce of {count:N0} floats", "ncclAllReduce", () => _api.AllReduce(address, (nuint)count, NcclDataType.Float32, _communicator));

    /// <summary>Gives the GPU the broadcast of blocks of its memory, in one launch for all.</summary>
    internal void BroadcastMemory(IReadOnlyList<(nint Address, long Bytes)> blocks, int root) =>
        Enqueue($"broadcast of {blocks.Sum(block => block.Bytes):N0} bytes from rank {root}", "ncclBroadcast", () =>
        {
            int code = _api.GroupStart();
            foreach ((nint address, long bytes) in blocks)
            {
                if (code == 0)
                    code = _api.Broadcast(address, (nuint)bytes, NcclDataType.Byte, root, _communicator);
            }
            int ended = _api.GroupEnd();
            return code != 0 ? code : ended;
        });

    private void Enqueue(string description, string function, Func<int> call)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        _events.UseDevice();
        Check(call(), function);
        _watch.Add($"NCCL collective {++_collectives} ({description})");
        Activity.Report("after giving the GPU: " + description);
    }

    private void Fail(string error)
    {
        // kernels that wait for a lost rank end, and so does a host that waits for them
        _api.CommAbort(_communicator);
        _control.Abort(1, error);
    }

    private void RequireDevice(Tensor tensor)
    {
        if (tensor.device_index != _device)
            throw new ArgumentException($"The tensor is on {tensor.device}; this communicator was made for cuda:{_device}.", nameof(tensor));
    }

    private void Check(int code, string function)
    {
        if (code != 0)
            throw new CommunicationException($"{function} failed with code {code}: {_api.ErrorText(code)}");
    }
}

using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Training.Distributed.Mpi;

/// <summary>A tensor as MPI needs it, in the CPU's memory: the tensor's own storage, or for a CUDA tensor a copy.</summary>
internal sealed class HostTensor : IDisposable
{
    private readonly Tensor _tensor;
    private readonly Tensor _host;

    public HostTensor(Tensor tensor)
    {
        _tensor = tensor;
        // a wrapper of its own: what MPI reads and writes outlives the caller's scope
        _host = (IsCopy ? tensor.cpu() : tensor.detach()).DetachFromDisposeScope();
        Address = TensorBuffer.Address(_host);
    }

    public nint Address { get; }

    private bool IsCopy => _tensor.device_type != DeviceType.CPU;

    /// <summary>Brings what MPI wrote to the tensor, and lets the memory go.</summary>
    public void Return()
    {
        if (IsCopy)
        {
            using Tensor target = _tensor.detach();
            target.copy_(_host);
        }
        Dispose();
    }

    public void Dispose() => _host.Dispose();
}

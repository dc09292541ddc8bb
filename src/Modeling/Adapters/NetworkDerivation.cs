using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Modeling.Adapters;

/// <summary>Networks that are made of another one and share its memory where they can: what is shared is frozen in the new network.</summary>
/// <remarks>Memory is freed with the last network that has it, so each is disposed by itself.</remarks>
internal static class NetworkDerivation
{
    /// <summary>The same weights, with an adapter in place of the one that there may be.</summary>
    /// <param name="network">Whose weights.</param>
    /// <param name="adapter">The adapter, on the network's device; taken over. <see langword="null"/> for none.</param>
    public static MiniMindNetwork WithAdapter(this MiniMindNetwork network, LowRankAdapter? adapter)
    {
        using DisposeScope scope = NewDisposeScope();
        return new(network.Config, new DerivedParameters(network, (_, matrix) => matrix.Share(), (_, vector) => StoredMatrix.Frozen(vector), adapter), adapter);
    }

    /// <summary>The same weights, some with memory of their own, to be trained.</summary>
    /// <param name="network">Whose weights.</param>
    /// <param name="trained">Whether a parameter, by its name, is trained.</param>
    public static MiniMindNetwork WithTrained(this MiniMindNetwork network, Func<string, bool> trained)
    {
        using DisposeScope scope = NewDisposeScope();
        Parameter Vector(string name, Tensor values) => trained(name)
            ? new Parameter(values.detach().clone().DetachFromDisposeScope()) : StoredMatrix.Frozen(values);
        return new(network.Config, new DerivedParameters(network, (name, matrix) => trained(name) ? new(Vector(name, matrix.Weight)) : matrix.Share(), Vector));
    }

    /// <summary>A frozen copy in a format, on a device, with a copy of the adapter that there may be.</summary>
    /// <param name="network">Whose weights.</param>
    /// <param name="format">How matrices are kept.</param>
    /// <param name="device">Where.</param>
    /// <param name="scales">Factors of int8 rows by matrix, to be taken instead of those that the weights give.</param>
    public static MiniMindNetwork FrozenCopy(this MiniMindNetwork network, FrozenFormat format, Device device,
        IReadOnlyDictionary<string, Tensor>? scales = null)
    {
        using DisposeScope scope = NewDisposeScope();
        LowRankAdapter? adapter = network.Adapter?.Clone(device);
        return new(network.Config,
            new DerivedParameters(network, (name, matrix) => matrix.Copy(format, device, scales?.GetValueOrDefault(name)),
                (_, vector) => StoredMatrix.Frozen(vector.detach().to(device, copy: true)), adapter), adapter);
    }

    /// <summary>A network of its own in fp32 with what the adapter adds in its matrices, to be trained or saved; in fp32, rounded once.</summary>
    public static MiniMindNetwork Merged(this MiniMindNetwork network)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGradient = no_grad();
        StoredMatrix Merge(string name, StoredMatrix matrix)
        {
            string module = name[..name.LastIndexOf('.')];
            // (output, input)
            Tensor dense = network.Adapter?.Pairs.GetValueOrDefault(module) is { } pair ? pair.Merge(matrix) : matrix.Dense(ScalarType.Float32).clone();
            return new StoredMatrix(new Parameter(dense.DetachFromDisposeScope()));
        }
        return new(network.Config, new DerivedParameters(network, Merge, (_, vector) => new Parameter(vector.detach().clone().DetachFromDisposeScope())));
    }
}

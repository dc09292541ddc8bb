using System.Runtime.Intrinsics;
using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Training.Optimization;

/// <summary>The flat buffers that an optimizer remembers between steps, by name.</summary>
internal sealed class OptimizerState : IDisposable
{
    private readonly Dictionary<string, FlatBuffer> _buffers = [];

    /// <summary>Allocates one buffer of zeros for each name, laid out as the parameters.</summary>
    public OptimizerState(FlatParameters parameters, params IEnumerable<string> names)
    {
        foreach (string name in names)
            _buffers.Add(name, new FlatBuffer(parameters.Values.numel(), parameters.Device));
        Tensors = _buffers.ToDictionary(entry => entry.Key, entry => entry.Value.Tensor);
    }

    /// <summary>The buffers as tensors; owned by this object.</summary>
    public IReadOnlyDictionary<string, Tensor> Tensors { get; }

    /// <summary>A range of a buffer as vectors; CPU only.</summary>
    public Span<Vector512<float>> Vectors(string name, FlatRange range) => _buffers[name].Vectors(range);

    /// <summary>Copies tensors of the same names and lengths in.</summary>
    /// <exception cref="ArgumentException">Names or lengths differ; nothing was changed.</exception>
    public void Load(string optimizer, IReadOnlyDictionary<string, Tensor> source)
    {
        List<string> faults =
        [
            .. Tensors.Keys.Except(source.Keys).Select(name => $"'{name}' is missing"),
            .. source.Keys.Except(Tensors.Keys).Select(name => $"'{name}' is unknown"),
            .. Tensors.Where(own => source.TryGetValue(own.Key, out Tensor? other) && !own.Value.shape.SequenceEqual(other.shape))
                .Select(own => $"'{own.Key}' has shape [{string.Join(", ", source[own.Key].shape)}], not [{string.Join(", ", own.Value.shape)}]"),
        ];
        if (faults.Count > 0)
            throw new ArgumentException($"The state does not fit this {optimizer} optimizer and its parameters: {string.Join("; ", faults)}.", nameof(source));
        using DisposeScope scope = NewDisposeScope();
        foreach ((string name, Tensor own) in Tensors)
            own.copy_(source[name]);
    }

    /// <inheritdoc />
    public void Dispose()
    {
        foreach (FlatBuffer buffer in _buffers.Values)
            buffer.Dispose();
    }
}

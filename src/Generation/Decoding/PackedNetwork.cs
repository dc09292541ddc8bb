using MiniMind.MLNet.Dpo.CpuKernels;
using MiniMind.MLNet.Dpo.CpuKernels.Decoding;
using MiniMind.MLNet.Dpo.Modeling;
using MiniMind.MLNet.Dpo.Modeling.Attention;
using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Generation.Decoding;

/// <summary>A network's weights as decoding reads them: packed once, with what an adapter adds.</summary>
/// <remarks>
/// A copy of the matrices, of which only the table of token vectors stays the network's own: it is good as long as nobody trains that, and must not outlive it.
/// Thread-safe, since it is only read.
/// </remarks>
internal sealed class PackedNetwork : IDisposable
{
    private readonly TokenVectors _vectors;

    /// <summary>Packs.</summary>
    /// <param name="network">The network, on the CPU; it stays the caller's.</param>
    /// <param name="format">How matrices are kept; <see langword="null"/> for as the network keeps them, in fp32 where an adapter adds to them.</param>
    public PackedNetwork(MiniMindNetwork network, FrozenFormat? format)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGradient = no_grad();
        MatrixPacker packer = new(format);
        ModelConfig config = Config = network.Config;
        _vectors = new TokenVectors(network.Stack.Embedding, config);
        Layers = [.. network.Stack.Layers.Select(layer => packer.Layer(layer, config))];
        Shapes = [.. Enumerable.Range(0, config.LayerCount).Select(layer => ShapeOf(config, layer))];
        Norm = packer.Norm(network.Stack.NormWeight, config)!;
        Head = packer.Matrix(network.Head);
        int intermediate = config.Experts is { } experts ? experts.IntermediateSize : config.IntermediateSize;
        Widths = new DecodingWidths(config.HiddenSize, config.HeadCount * config.HeadDim, config.KeyValueHeadCount * config.HeadDim, intermediate,
            config.RotatedWidth, config.Experts?.Count ?? 0);
    }

    /// <summary>The network's shape.</summary>
    public ModelConfig Config { get; }

    /// <summary>The layers' matrices.</summary>
    public IReadOnlyList<LayerMatrices> Layers { get; }

    /// <summary>What the layers compute.</summary>
    public IReadOnlyList<LayerShape> Shapes { get; }

    /// <summary>The last norm.</summary>
    public FloatRows Norm { get; }

    /// <summary>The head, (V, hidden).</summary>
    public PackedMatrix Head { get; }

    /// <summary>What passes compute of each row.</summary>
    public DecodingWidths Widths { get; }

    /// <summary>Why kernels cannot decode with a network here; <see langword="null"/> where they can.</summary>
    public static string? Obstacle(MiniMindNetwork network) =>
        network.Device.type != DeviceType.CPU ? $"its weights are on {network.Device}"
        : !HostProduct.Fits(DeviceType.CPU, ScalarType.Float32) ? "this processor has no vectors of 512 bits" : null;

    /// <summary>Writes a token's vector.</summary>
    public void Embed(int id, Span<float> row) => _vectors.Copy(id, row);

    /// <inheritdoc />
    public void Dispose()
    {
        foreach (LayerMatrices layer in Layers)
            layer.Dispose();
        Norm.Dispose();
        Head.Dispose();
    }

    private static LayerShape ShapeOf(ModelConfig config, int layer)
    {
        AttentionPattern pattern = AttentionPattern.Of(config, layer);
        return new LayerShape
        {
            Heads = config.HeadCount, KeyValueHeads = config.KeyValueHeadCount, HeadDim = config.HeadDim, RotatedWidth = config.RotatedWidth,
            Rotation = !pattern.Rotates ? LayerRotation.None : pattern.IsLocal ? LayerRotation.Local : LayerRotation.Global,
            Window = pattern.Window, ScoreScale = (float)config.ScoreScale, Epsilon = (float)config.RmsNormEpsilon,
            Gelu = config.Activation == Activation.GeluTanh,
        };
    }
}

using MiniMind.MLNet.Dpo.CpuKernels.Decoding;
using MiniMind.MLNet.Dpo.Modeling;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Generation.Decoding;

/// <summary>Packs the parts of a network.</summary>
/// <param name="format">How matrices but routers are kept; <see langword="null"/> for as they are, in fp32 where an adapter adds to them.</param>
internal sealed class MatrixPacker(FrozenFormat? format)
{
    private const long PartElements = 1 << 20; // that exist in fp32 at once

    /// <summary>A decoder layer.</summary>
    public LayerMatrices Layer(DecoderBlock layer, ModelConfig config)
    {
        (Projection query, Projection key, Projection value, Projection output) = layer.Attention.Linears;
        return new LayerMatrices
        {
            InputNorm = Norm(layer.Norms.Input, config)!, Query = Linear(query), Key = Linear(key), Value = Linear(value), Output = Linear(output),
            QueryNorm = Norm(layer.Attention.Norms.Query, config), KeyNorm = Norm(layer.Attention.Norms.Key, config),
            AttentionOutputNorm = Norm(layer.Norms.AttentionOutput, config), FeedForwardNorm = Norm(layer.Norms.FeedForward, config)!,
            FeedForward = layer.Dense is { } dense ? Gated(dense) : null, Experts = layer.Experts is { } experts ? Routed(experts, config.Experts!) : null,
            FeedForwardOutputNorm = Norm(layer.Norms.FeedForwardOutput, config),
        };
    }

    /// <summary>What a norm multiplies by, (1, width); <see langword="null"/> for none.</summary>
    public FloatRows? Norm(Parameter? weight, ModelConfig config)
    {
        if (weight is null)
            return null;
        using DisposeScope scope = NewDisposeScope();
        FloatRows row = new(1, (int)weight.numel());
        FusedNorm.Scale(weight, config).contiguous().data<float>().CopyTo(row.Row(0));
        return row;
    }

    /// <summary>A matrix by itself.</summary>
    public PackedMatrix Matrix(StoredMatrix matrix) => Matrix(matrix, format ?? matrix.Format);

    private PackedMatrix Linear(Projection linear)
    {
        PackedMatrix packed;
        if (linear.Pair is { } pair)
        {
            using DisposeScope scope = NewDisposeScope();
            Tensor merged = pair.Merge(linear.Matrix); // (output, input)
            packed = new PackedMatrix((int)merged.shape[0], (int)merged.shape[1], FormatOf(format ?? FrozenFormat.Float32));
            packed.Fill(0, merged.contiguous());
        }
        else
        {
            packed = Matrix(linear.Matrix);
        }
        if (linear.Bias is { } bias)
            packed.AddBias(bias);
        return packed;
    }

    private GatedMatrices Gated(FeedForward layer) => new(Linear(layer.Linears.Gate), Linear(layer.Linears.Up), Linear(layer.Linears.Down));

    private ExpertMatrices Routed(MixtureOfExperts layer, ExpertsConfig config)
    {
        (Projection router, IReadOnlyList<FeedForward> routed, IReadOnlyList<FeedForward> shared) = layer.Parts;
        // a router decides which experts there are, by small differences, and is small: it is kept as it is
        return new ExpertMatrices(new MatrixPacker(null).Linear(router), [.. routed.Select(Gated)], [.. shared.Select(Gated)], config.PerToken,
            config.NormalizeTopK);
    }

    private static PackedMatrix Matrix(StoredMatrix matrix, FrozenFormat format)
    {
        int outputs = (int)matrix.Weight.shape[0], inputs = (int)matrix.Weight.shape[1];
        PackedMatrix packed = new(outputs, inputs, FormatOf(format));
        if (format == FrozenFormat.Int8 && matrix.Format == FrozenFormat.Int8)
        {
            packed.Fill(0, matrix.Weight, matrix.Scales!);
            return packed;
        }
        int most = (int)Math.Max(1, PartElements / inputs);
        for (int start = 0; start < outputs; start += most)
        {
            using DisposeScope scope = NewDisposeScope();
            packed.Fill(start, matrix.Dense(ScalarType.Float32, start, Math.Min(most, outputs - start)));
        }
        return packed;
    }

    private static PackedFormat FormatOf(FrozenFormat format) => format switch
    {
        FrozenFormat.BFloat16 => PackedFormat.BFloat16,
        FrozenFormat.Int8 => PackedFormat.Int8,
        _ => PackedFormat.Float32,
    };
}

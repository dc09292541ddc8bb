using MiniMind.MLNet.Dpo.CpuKernels.Native;
using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Modeling;

/// <summary>Rotary position embedding, plain or scaled (Su et al. 2021, arXiv 2104.09864; for YaRN Peng et al. 2023, arXiv 2309.00071).</summary>
/// <param name="config">The model's shape.</param>
/// <param name="local">Whether the frequencies are those of layers with a window (<see cref="ModelConfig.LocalRopeTheta"/>).</param>
/// <param name="extended">Whether LongRoPE's factors are those of long sequences.</param>
/// <remarks>The tables grow with the longest position asked for, so that a short run does not pay for a long context.</remarks>
internal sealed class RotaryEmbedding(ModelConfig config, bool local = false, bool extended = false) : IDisposable
{
    private readonly Lock _growth = new();
    private (Tensor Cosines, Tensor SignedSines)? _tables;

    /// <summary>What cosines and sines are multiplied by.</summary>
    public double Factor => local ? 1 : config.RopeScaling?.AttentionFactor ?? config.LongRopeScaling?.AttentionFactor ?? 1;

    /// <summary>Rotates the head vectors (N, heads, D) by their rows' angles; the result has the input's element type.</summary>
    /// <remarks>Of tables narrower than D, the first numbers of each vector are rotated, and the others stay.</remarks>
    public static Tensor Rotate(Tensor heads, Tensor cosines, Tensor signedSines)
    {
        using DisposeScope scope = NewDisposeScope();
        long width = cosines.shape[^1];
        if (width < heads.shape[^1])
        {
            return cat([Rotate(heads.narrow(-1, 0, width), cosines, signedSines), heads.narrow(-1, width, heads.shape[^1] - width)], -1)
                .MoveToOuterDisposeScope(); // (N, heads, D)
        }

        Tensor swapped = heads.roll(heads.shape[^1] / 2, -1); // (N, heads, D), halves exchanged
        Tensor rotated = heads * cosines; // (N, heads, D)
        rotated.AddcmulInPlace(swapped, signedSines);
        return rotated.to(heads.dtype).MoveToOuterDisposeScope(); // (N, heads, D)
    }

    /// <summary>
    /// The cosines and signed sines of the given positions, (N, 1, width) each, fp32, on the positions' device; the width is D, or what of it is rotated.
    /// </summary>
    /// <param name="positions">(N), int64.</param>
    /// <param name="end">One more than the largest position.</param>
    /// <exception cref="ArgumentOutOfRangeException">A position lies beyond the model's longest context.</exception>
    public (Tensor Cosines, Tensor SignedSines) At(Tensor positions, long end)
    {
        if (end > config.MaxPositions)
        {
            throw new ArgumentOutOfRangeException(nameof(end), end,
                $"The sequence has {end} tokens, but the model's longest context (max_position_embeddings) is {config.MaxPositions}.");
        }

        using DisposeScope scope = NewDisposeScope();
        lock (_growth) // another thread's growth disposes the tables
        {
            (Tensor cosines, Tensor sines) = TablesFor(end, positions.device);
            return (cosines.index_select(0, positions).unsqueeze(1).MoveToOuterDisposeScope(),
                sines.index_select(0, positions).unsqueeze(1).MoveToOuterDisposeScope()); // (N, 1, D)
        }
    }

    /// <summary>By how much, in radians, each pair turns from one position to the next, (width / 2).</summary>
    public float[] FrequencyValues()
    {
        using IDisposable noGradient = no_grad();
        using DisposeScope scope = NewDisposeScope();
        return Frequencies().data<float>().ToArray();
    }

    public void Dispose()
    {
        _tables?.Cosines.Dispose();
        _tables?.SignedSines.Dispose();
        _tables = null;
    }

    private (Tensor Cosines, Tensor SignedSines) TablesFor(long end, Device device)
    {
        if (_tables is { } ready && ready.Cosines.shape[0] >= end && ready.Cosines.device_type == device.type && ready.Cosines.device_index == device.index)
            return ready;
        using IDisposable noGradient = no_grad();
        using DisposeScope scope = NewDisposeScope();
        long length = Math.Min(config.MaxPositions, Math.Max(512, (long)System.Numerics.BitOperations.RoundUpToPowerOf2((ulong)end)));
        Tensor angles = outer(ScalarOperations.Arange(length, ScalarType.Float32), Frequencies()); // (length, D/2)
        Tensor cos = angles.cos(), sin = angles.sin();
        Tensor cosines = cat([cos, cos], -1).Mul(Factor).to(device).DetachFromDisposeScope(); // (length, D)
        Tensor sines = cat([-sin, sin], -1).Mul(Factor).to(device).DetachFromDisposeScope(); // (length, D)
        Dispose();
        _tables = (cosines, sines);
        return _tables.Value;
    }

    private Tensor Frequencies()
    {
        int dimension = config.RotatedWidth;
        double theta = local ? config.LocalRopeTheta!.Value : config.RopeTheta;
        Tensor exponents = ScalarOperations.Arange(0, dimension, 2, ScalarType.Float32)[..(dimension / 2)].Div(dimension); // (D/2)
        Tensor frequencies = pow(theta, exponents).reciprocal(); // (D/2)
        if (local)
            return frequencies;
        if (Shares(dimension) is { } shares)
            return frequencies * tensor(shares, ScalarType.Float32); // (D/2)
        if (config.RopeScaling is not { } yarn || config.MaxPositions <= yarn.OriginalMaxPositions)
            return frequencies;

        double Dimension(double rotations) =>
            dimension * Math.Log(yarn.OriginalMaxPositions / (rotations * 2 * Math.PI)) / (2 * Math.Log(config.RopeTheta));
        double low = Math.Max(Math.Floor(Dimension(yarn.BetaFast)), 0);
        double high = Math.Min(Math.Ceiling(Dimension(yarn.BetaSlow)), dimension / 2 - 1);
        Tensor ramp = ScalarOperations.Arange(dimension / 2, ScalarType.Float32).Sub(low).Div(Math.Max(high - low, 0.001)).Clamp(0, 1); // (D/2)
        return frequencies * ramp.neg().Add(1).Add(ramp.Div(yarn.Factor));
    }

    /// <summary>What is left of each frequency where each has a factor of its own; <see langword="null"/> otherwise.</summary>
    private double[]? Shares(int dimension)
    {
        IEnumerable<int> pairs = Enumerable.Range(0, dimension / 2);
        if (config.Llama3Scaling is { } llama)
            return [.. pairs.Select(i => llama.ShareOf(Math.Pow(config.RopeTheta, -2.0 * i / dimension)))];
        if (config.LongRopeScaling is { } longRope)
            return [.. (extended ? longRope.LongFactors : longRope.ShortFactors).Select(factor => 1 / factor)];
        return config.LinearRopeFactor == 0 ? null : [.. pairs.Select(_ => 1 / config.LinearRopeFactor)];
    }
}

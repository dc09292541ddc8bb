using MiniMind.MLNet.Dpo.Training.Optimization;
using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Training.Guards;

/// <summary>Some of the weights, evenly spread, as they were: enough to say how far all have moved.</summary>
internal sealed class WeightSample : IDisposable
{
    private const long Most = 1 << 16;

    /// <summary>Takes a sample.</summary>
    public WeightSample(FlatParameters parameters) => Values = Read(parameters);

    /// <summary>Copies an earlier sample.</summary>
    public WeightSample(Tensor values) => Values = values.clone().DetachFromDisposeScope();

    /// <summary>The sample, one dimension, fp32, on the CPU; owned by this object.</summary>
    public Tensor Values { get; }

    /// <summary>
    /// The root mean square of the weights; zeros, which are gaps between parameters or embeddings of unused tokens, do not count. 0 where there are no others.
    /// </summary>
    public double Size()
    {
        double[] used = [.. Values.data<float>().Where(weight => weight != 0).Select(weight => (double)weight * weight)];
        return used.Length == 0 ? 0 : Math.Sqrt(used.Average());
    }

    /// <summary>The L2 norm of the change over that of the weights, and the share of weights that have not changed by a single bit.</summary>
    public (double Relative, double Unmoved) MovedTo(FlatParameters parameters)
    {
        using Tensor after = Read(parameters);
        float[] before = Values.data<float>().ToArray(), now = after.data<float>().ToArray();
        double change = 0, size = 0;
        int used = 0, unmoved = 0;
        for (int i = 0; i < now.Length; i++)
        {
            if (before[i] == 0 && now[i] == 0)
                continue; // gaps between parameters, embeddings of unused tokens
            used++;
            if (now[i] == before[i])
                unmoved++;
            change += Math.Pow((double)now[i] - before[i], 2);
            size += Math.Pow(before[i], 2);
        }
        return (Math.Sqrt(change / Math.Max(size, double.Epsilon)), used == 0 ? 1 : (double)unmoved / used);
    }

    /// <inheritdoc />
    public void Dispose() => Values.Dispose();

    private static Tensor Read(FlatParameters parameters)
    {
        using DisposeScope scope = NewDisposeScope();
        long stride = Math.Max(1, parameters.Values.numel() / Most);
        return parameters.Values[TensorIndex.Slice(step: stride)].to(CPU, copy: true).contiguous().DetachFromDisposeScope(); // (n)
    }
}

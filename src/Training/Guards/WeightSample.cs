using MiniMind.MLNet.Dpo.Training.Optimization;
using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Training.Guards;

/// <summary>Some of the weights, evenly spread, as they were: enough to say how far all have moved.</summary>
internal sealed class WeightSample
{
    private const long Most = 1 << 16;
    private readonly long _stride;
    private readonly float[] _before;

    public WeightSample(FlatParameters parameters)
    {
        _stride = Math.Max(1, parameters.Values.numel() / Most);
        _before = Read(parameters);
    }

    /// <summary>The L2 norm of the change over that of the weights, and the share of weights that have not changed by a single bit.</summary>
    public (double Relative, double Unmoved) MovedTo(FlatParameters parameters)
    {
        float[] now = Read(parameters);
        double change = 0, size = 0;
        int used = 0, unmoved = 0;
        for (int i = 0; i < now.Length; i++)
        {
            if (_before[i] == 0 && now[i] == 0) continue; // gaps between parameters, embeddings of unused tokens
            used++;
            if (now[i] == _before[i]) unmoved++;
            change += Math.Pow((double)now[i] - _before[i], 2);
            size += Math.Pow(_before[i], 2);
        }
        return (Math.Sqrt(change / Math.Max(size, double.Epsilon)), used == 0 ? 1 : (double)unmoved / used);
    }

    private float[] Read(FlatParameters parameters)
    {
        using DisposeScope scope = NewDisposeScope();
        return parameters.Values[TensorIndex.Slice(step: _stride)].contiguous().cpu().data<float>().ToArray();
    }
}

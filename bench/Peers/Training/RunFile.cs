using System.Runtime.InteropServices;
using System.Text.Json;
using MiniMind.MLNet.Dpo.Modeling;
using MiniMind.MLNet.Dpo.Training.Batches;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Bench.Peers.Training;

/// <summary>What both sides train: a folder with <c>run.json</c> and the start weights, fp32, one after the other, in <c>start.bin</c>.</summary>
/// <param name="Shape">The model.</param>
/// <param name="Pairs">All pairs, batch after batch.</param>
/// <param name="BatchSize">Pairs of a step.</param>
/// <param name="Length">Rows that the peer pads a side to.</param>
/// <param name="Threads">libtorch's threads.</param>
/// <param name="Bf16">Whether products are in bf16.</param>
/// <param name="Way">How ours lays batches out.</param>
/// <param name="Beta">Of the loss.</param>
/// <param name="LearningRate">Of every step.</param>
/// <param name="Parameters">Names and shapes of the weights, in their order.</param>
internal sealed record RunFile(
    ModelShape Shape, SidePair[] Pairs, int BatchSize, int Length, int Threads, bool Bf16, string Way, double Beta, double LearningRate,
    ParameterShape[] Parameters)
{
    /// <summary>Writes it.</summary>
    public void Write(string folder, MiniMindNetwork start)
    {
        using FileStream weights = File.Create(Path.Combine(folder, "start.bin"));
        foreach (ParameterShape parameter in Parameters)
        {
            using Tensor values = start.get_parameter(parameter.Name)!.detach().contiguous();
            weights.Write(MemoryMarshal.AsBytes(values.data<float>().ToArray().AsSpan()));
        }
        File.WriteAllText(Path.Combine(folder, "run.json"), JsonSerializer.Serialize(this));
    }

    /// <summary>Reads it.</summary>
    public static RunFile Read(string folder) => JsonSerializer.Deserialize<RunFile>(File.ReadAllBytes(Path.Combine(folder, "run.json")))!;

    /// <summary>The start weights by name; the caller's scope has them.</summary>
    public Dictionary<string, Tensor> Weights(string folder)
    {
        ReadOnlySpan<float> values = MemoryMarshal.Cast<byte, float>(File.ReadAllBytes(Path.Combine(folder, "start.bin")));
        Dictionary<string, Tensor> weights = [];
        foreach (ParameterShape parameter in Parameters)
        {
            int count = (int)parameter.Shape.Aggregate((product, size) => product * size);
            weights.Add(parameter.Name, tensor(values[..count].ToArray()).reshape(parameter.Shape));
            values = values[count..];
        }
        return weights;
    }

    /// <summary>The pairs as the library has them.</summary>
    public IReadOnlyList<PreferenceExample> Examples() =>
        [.. Pairs.Select((pair, i) => new PreferenceExample(pair.Chosen.Response, pair.Rejected.Response, i + 1))];

    /// <summary>The pairs of a step.</summary>
    public int[] Batch(int step)
    {
        int batches = (Pairs.Length + BatchSize - 1) / BatchSize, start = step % batches * BatchSize;
        return [.. Enumerable.Range(start, Math.Min(BatchSize, Pairs.Length - start))];
    }
}

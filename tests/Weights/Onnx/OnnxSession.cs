using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace MiniMind.MLNet.Dpo.Tests.Weights.Onnx;

/// <summary>A saved ONNX decoder in ONNX Runtime.</summary>
internal sealed class OnnxSession : IDisposable
{
    private const string Past = "past_key_values.", Present = "present.";

    private readonly InferenceSession _session;

    public OnnxSession(string path)
    {
        using SessionOptions options = new() { IntraOpNumThreads = 1, LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR };
        _session = new InferenceSession(path, options);
    }

    /// <summary>Names of what goes in and comes out, with the shapes; a varying axis is -1.</summary>
    public (Dictionary<string, int[]> Inputs, Dictionary<string, int[]> Outputs) Signature =>
        (_session.InputMetadata.ToDictionary(one => one.Key, one => one.Value.Dimensions),
            _session.OutputMetadata.ToDictionary(one => one.Key, one => one.Value.Dimensions));

    /// <summary>The logits of every position of rows of one length, (rows * positions * vocabulary).</summary>
    /// <param name="rows">Ids.</param>
    /// <param name="leftOut">How many tokens at the beginning of each row are padding.</param>
    public float[] Logits(int[][] rows, int[]? leftOut = null)
    {
        int length = rows[0].Length;
        long[] mask = [.. rows.SelectMany((_, row) => Enumerable.Range(0, length).Select(i => i < (leftOut?[row] ?? 0) ? 0L : 1L))];
        using IDisposableReadOnlyCollection<DisposableNamedOnnxValue> results = Run(rows, mask, null);
        return [.. results.Single(result => result.Name == "logits").AsEnumerable<float>()];
    }

    /// <summary>The likeliest tokens behind a row, each from the cache of those before it.</summary>
    public int[] Greedy(int[] prompt, int count)
    {
        List<int> chosen = [];
        IDisposableReadOnlyCollection<DisposableNamedOnnxValue>? before = null;
        int[] next = prompt;
        while (chosen.Count < count)
        {
            IDisposableReadOnlyCollection<DisposableNamedOnnxValue> results = Run(
                [next], [.. Enumerable.Repeat(1L, prompt.Length + chosen.Count)], before);
            before?.Dispose();
            before = results;
            DenseTensor<float> logits = results.Single(result => result.Name == "logits").AsTensor<float>().ToDenseTensor();
            ReadOnlySpan<float> last = logits.Buffer.Span[^logits.Dimensions[2]..];
            chosen.Add(last.IndexOf(System.Numerics.Tensors.TensorPrimitives.Max(last)));
            next = [chosen[^1]];
        }
        before?.Dispose();
        return [.. chosen];
    }

    public void Dispose() => _session.Dispose();

    private IDisposableReadOnlyCollection<DisposableNamedOnnxValue> Run(int[][] rows, long[] mask, IReadOnlyCollection<DisposableNamedOnnxValue>? before)
    {
        List<NamedOnnxValue> inputs =
        [
            NamedOnnxValue.CreateFromTensor(
                "input_ids", new DenseTensor<long>(rows.SelectMany(row => row).Select(id => (long)id).ToArray(), [rows.Length, rows[0].Length])),
            NamedOnnxValue.CreateFromTensor("attention_mask", new DenseTensor<long>(mask, [rows.Length, mask.Length / rows.Length])),
        ];
        foreach ((string name, NodeMetadata cache) in _session.InputMetadata.Where(input => input.Key.StartsWith(Past, StringComparison.Ordinal)))
        {
            inputs.Add(NamedOnnxValue.CreateFromTensor(name, before is null
                ? new DenseTensor<float>([rows.Length, cache.Dimensions[1], 0, cache.Dimensions[3]])
                : before.Single(value => value.Name == Present + name[Past.Length..]).AsTensor<float>()));
        }
        return _session.Run(inputs);
    }
}

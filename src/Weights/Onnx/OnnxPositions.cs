using MiniMind.MLNet.Dpo.Modeling;
using MiniMind.MLNet.Dpo.Modeling.Attention;

namespace MiniMind.MLNet.Dpo.Weights.Onnx;

/// <summary>What all layers share of where tokens stand: the shapes of heads, who sees whom, and the rotary angles.</summary>
/// <remarks>
/// Let B be the batch, T the new tokens, S those of the cache and the new ones, K the key-value heads, R the query heads of each, D their width.
/// </remarks>
internal sealed class OnnxPositions
{
    private const float Unseen = -1e30f; // added to a score; finite, so that a row that sees nothing has no NaN

    private readonly OnnxGraph _graph;
    private readonly ModelConfig _config;
    private readonly string _columns, _rows, _attended, _positions;
    private readonly Dictionary<int, string> _biases = [];
    private readonly Dictionary<bool, (string Cosines, string Sines)> _turns = [];

    public OnnxPositions(OnnxGraph graph, ModelConfig config, string ids, string mask)
    {
        (_graph, _config) = (graph, config);
        string batch = graph.Add("Shape", [ids], new OnnxAttribute("end", 1)); // (1)
        string length = graph.Add("Shape", [ids], new OnnxAttribute("start", 1)); // (1)
        string total = graph.Add("Shape", [mask], new OnnxAttribute("start", 1)); // (1)
        QueryShape = Join(batch, length, graph.List(config.KeyValueHeadCount, config.HeadCount / config.KeyValueHeadCount, config.HeadDim));
        KeyShape = Join(batch, length, graph.List(config.KeyValueHeadCount, 1, config.HeadDim));
        LogitsShape = Join(batch, length, graph.List(config.VocabularySize));

        string stop = graph.Add("Squeeze", [total]), start = graph.Add("Squeeze", [graph.Add("Sub", [total, length])]);
        _columns = graph.Add("Range", [graph.Scalar(0), stop, graph.Scalar(1)]); // (S)
        _rows = graph.Add("Unsqueeze", [graph.Add("Range", [start, stop, graph.Scalar(1)]), graph.List(1)]); // (T, 1)
        string isThere = graph.Add("Cast", [mask], new OnnxAttribute("to", (long)OnnxElementType.Bool)); // (B, S)
        _attended = graph.Add("Unsqueeze", [isThere, graph.List(1, 2, 3)]); // (B, 1, 1, 1, S)

        // what is left out in front of a text moves its first token to position 0
        string counted = graph.Add("Sub", [graph.Add("CumSum", [mask, graph.Scalar(1)]), graph.Scalar(1)]); // (B, S)
        string fromZero = graph.Add("Max", [counted, graph.Scalar(0)]); // (B, S)
        string last = graph.Add("Slice", [fromZero, graph.Add("Neg", [length]), graph.List(long.MaxValue), graph.List(1)]); // (B, T)
        string real = graph.Add("Cast", [last], new OnnxAttribute("to", (long)OnnxElementType.Float32)); // (B, T)
        _positions = graph.Add("Unsqueeze", [real, graph.List(2, 3, 4)]); // (B, T, 1, 1, 1)
    }

    /// <summary>(B, T, K, R, D).</summary>
    public string QueryShape { get; }

    /// <summary>(B, T, K, 1, D).</summary>
    public string KeyShape { get; }

    /// <summary>(B, T, V).</summary>
    public string LogitsShape { get; }

    /// <summary>What is added to scores, (B, 1, 1, T, S): nothing where a token is seen, and next to minus infinity where not.</summary>
    /// <param name="window">How many tokens, itself the last, a token sees; 0 for all.</param>
    public string Bias(int window)
    {
        if (_biases.TryGetValue(window, out string? known))
            return known;
        string seen = _graph.Add("LessOrEqual", [_columns, _rows]); // (T, S)
        if (window > 0)
            seen = _graph.Add("And", [seen, _graph.Add("Greater", [_columns, _graph.Add("Sub", [_rows, _graph.Scalar(window)])])]); // (T, S)
        string allowed = _graph.Add("And", [seen, _attended]); // (B, 1, 1, T, S)
        return _biases[window] = _graph.Add("Where", [allowed, _graph.Scalar(0f), _graph.Scalar(Unseen)]);
    }

    /// <summary>Turns heads (B, T, K, any, D) by their tokens' angles, or leaves them where a layer's are not turned.</summary>
    public string Rotate(string heads, AttentionPattern pattern)
    {
        if (!pattern.Rotates)
            return heads;
        if (!_turns.TryGetValue(pattern.IsLocal, out (string Cosines, string Sines) turns))
            _turns.Add(pattern.IsLocal, turns = Turns(pattern.IsLocal));
        int half = _config.RotatedWidth / 2, rest = _config.HeadDim - _config.RotatedWidth;
        string[] parts = rest == 0 ? _graph.AddMany(2, "Split", [heads, _graph.List(half, half)], new OnnxAttribute("axis", -1))
            : _graph.AddMany(3, "Split", [heads, _graph.List(half, half, rest)], new OnnxAttribute("axis", -1));
        string first = _graph.Add("Sub", [Multiply(parts[0], turns.Cosines), Multiply(parts[1], turns.Sines)]);
        string second = _graph.Add("Add", [Multiply(parts[1], turns.Cosines), Multiply(parts[0], turns.Sines)]);
        return _graph.Add("Concat", [first, second, .. parts[2..]], new OnnxAttribute("axis", -1));
    }

    private (string Cosines, string Sines) Turns(bool local)
    {
        using RotaryEmbedding rotary = new(_config, local);
        string angles = Multiply(_positions, _graph.List(local ? "local_frequencies" : "frequencies", rotary.FrequencyValues())); // (B, T, 1, 1, D/2)
        string cosines = _graph.Add("Cos", [angles]), sines = _graph.Add("Sin", [angles]);
        return rotary.Factor == 1 ? (cosines, sines)
            : (Multiply(cosines, _graph.Scalar((float)rotary.Factor)), Multiply(sines, _graph.Scalar((float)rotary.Factor)));
    }

    private string Join(params ReadOnlySpan<string> parts) => _graph.Add("Concat", parts, new OnnxAttribute("axis", 0));

    private string Multiply(string left, string right) => _graph.Add("Mul", [left, right]);
}

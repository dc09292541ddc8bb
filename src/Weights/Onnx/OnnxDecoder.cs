using MiniMind.MLNet.Dpo.Modeling;
using MiniMind.MLNet.Dpo.Modeling.Attention;

namespace MiniMind.MLNet.Dpo.Weights.Onnx;

/// <summary>The decoder as a graph of ONNX operations, with a cache of keys and values.</summary>
/// <remarks>
/// Inputs and outputs have the names that Hugging Face's exporters and ONNX Runtime GenAI use. Letters of shapes: see <see cref="OnnxPositions"/>; N is B * T.
/// </remarks>
internal sealed class OnnxDecoder
{
    private const string Batch = "batch_size", Length = "sequence_length", Past = "past_sequence_length", Total = "total_sequence_length";

    private readonly ModelConfig _config;
    private readonly OnnxGraph _graph;
    private readonly OnnxWeights _weights;
    private readonly OnnxPositions _positions;
    private readonly string _ids;

    private OnnxDecoder(ModelConfig config, OnnxGraph graph, OnnxWeights weights)
    {
        (_config, _graph, _weights) = (config, graph, weights);
        graph.AddInput("input_ids", OnnxElementType.Int64, Batch, Length);
        graph.AddInput("attention_mask", OnnxElementType.Int64, Batch, Total);
        _positions = new OnnxPositions(graph, config, "input_ids", "attention_mask");
        _ids = graph.Add("Reshape", ["input_ids", graph.List(-1)]); // (N)
    }

    /// <summary>Says what of a configuration is not written; nothing where all is.</summary>
    public static IEnumerable<string> Obstacles(ModelConfig config)
    {
        if (config.LongRopeScaling is not null)
            yield return "LongRoPE has other frequencies for long sequences, which would have to be read anew when an answer grows beyond the original context";
    }

    /// <summary>Adds the decoder to a graph.</summary>
    /// <exception cref="NotSupportedException">A parameter has no place in it.</exception>
    public static void Build(ModelConfig config, OnnxGraph graph, OnnxWeights weights)
    {
        OnnxDecoder decoder = new(config, graph, weights);
        string hidden = decoder.Embed(); // (N, hidden)
        for (int layer = 0; layer < config.LayerCount; layer++)
            hidden = decoder.AddLayer(hidden, layer);
        string normed = decoder.Norm(hidden, "model.norm");
        string logits = decoder.Linear(normed, config.TieWordEmbeddings ? StateDictNames.Embedding : StateDictNames.Head); // (N, V)
        graph.AddTo("logits", "Reshape", [logits, decoder._positions.LogitsShape]); // (B, T, V)
        graph.AddOutput("logits", OnnxElementType.Float32, Batch, Length, $"{config.VocabularySize}");
        for (int layer = 0; layer < config.LayerCount; layer++)
            decoder.NameCache(layer);
        if (weights.Left.Count > 0)
            throw new NotSupportedException($"The model cannot be written as ONNX: '{weights.Left.Order(StringComparer.Ordinal).First()}' has no place in it.");
    }

    private string Embed()
    {
        string rows = _weights.Rows(StateDictNames.Embedding, _ids); // (N, hidden)
        return _config.ScaledEmbeddings ? Multiply(rows, _graph.Scalar(MathF.Sqrt(_config.HiddenSize))) : rows;
    }

    private string AddLayer(string hidden, int layer)
    {
        string name = $"model.layers.{layer}";
        string mixed = Attend(Norm(hidden, $"{name}.input_layernorm"), layer);
        if (_config.SandwichNorms)
            mixed = Norm(mixed, $"{name}.post_attention_layernorm");
        string attended = _graph.Add("Add", [hidden, mixed]); // (N, hidden)
        string normed = Norm(attended, $"{name}.{(_config.SandwichNorms ? "pre_feedforward_layernorm" : "post_attention_layernorm")}");
        string raised = _config.Experts is { } experts ? Mix(normed, $"{name}.mlp", experts) : FeedForward(normed, $"{name}.mlp");
        if (_config.SandwichNorms)
            raised = Norm(raised, $"{name}.post_feedforward_layernorm");
        return _graph.Add("Add", [attended, raised]); // (N, hidden)
    }

    private string Attend(string hidden, int layer)
    {
        AttentionPattern pattern = AttentionPattern.Of(_config, layer);
        string name = $"model.layers.{layer}.self_attn";
        string query = Heads(hidden, $"{name}.q_proj", $"{name}.q_norm", _positions.QueryShape); // (B, T, K, R, D)
        string key = Heads(hidden, $"{name}.k_proj", $"{name}.k_norm", _positions.KeyShape); // (B, T, K, 1, D)
        string value = Heads(hidden, $"{name}.v_proj", norm: null, _positions.KeyShape); // (B, T, K, 1, D)
        string turned = Multiply(_positions.Rotate(query, pattern), _graph.Scalar((float)_config.ScoreScale));
        string queries = Transpose(turned, 0, 2, 3, 1, 4); // (B, K, R, T, D)
        string keys = Cached(_positions.Rotate(key, pattern), layer, "key"); // (B, K, S, D)
        string values = Cached(value, layer, "value"); // (B, K, S, D)
        string columns = _graph.Add("Unsqueeze", [Transpose(keys, 0, 1, 3, 2), _graph.List(2)]); // (B, K, 1, D, S)
        string scores = _graph.Add("MatMul", [queries, columns]); // (B, K, R, T, S)
        int window = pattern.Window < _config.MaxPositions ? pattern.Window : 0;
        string shares = _graph.Add("Softmax", [_graph.Add("Add", [scores, _positions.Bias(window)])], new OnnxAttribute("axis", -1)); // (B, K, R, T, S)
        string mixed = _graph.Add("MatMul", [shares, _graph.Add("Unsqueeze", [values, _graph.List(2)])]); // (B, K, R, T, D)
        string rows = _graph.Add("Reshape", [Transpose(mixed, 0, 3, 1, 2, 4), _graph.List(-1, _config.HeadCount * _config.HeadDim)]); // (N, heads * D)
        return Linear(rows, $"{name}.o_proj.weight"); // (N, hidden)
    }

    private string Heads(string hidden, string projection, string? norm, string shape)
    {
        string heads = _graph.Add("Reshape", [Linear(hidden, $"{projection}.weight", _config.QkvBias ? $"{projection}.bias" : null), shape]);
        return norm is not null && _config.QkNorm ? Norm(heads, norm) : heads;
    }

    // (B, T, K, 1, D) to the cache's (B, K, T, D) behind what it has already
    private string Cached(string heads, int layer, string part)
    {
        string added = _graph.Add("Squeeze", [Transpose(heads, 0, 2, 3, 1, 4), _graph.List(2)]); // (B, K, T, D)
        return _graph.AddTo($"present.{layer}.{part}", "Concat", [$"past_key_values.{layer}.{part}", added], new OnnxAttribute("axis", 2)); // (B, K, S, D)
    }

    private void NameCache(int layer)
    {
        string heads = $"{_config.KeyValueHeadCount}", width = $"{_config.HeadDim}";
        foreach (string part in (string[])["key", "value"])
        {
            _graph.AddInput($"past_key_values.{layer}.{part}", OnnxElementType.Float32, Batch, heads, Past, width);
            _graph.AddOutput($"present.{layer}.{part}", OnnxElementType.Float32, Batch, heads, Total, width);
        }
    }

    private string FeedForward(string hidden, string name)
    {
        string gate = Linear(hidden, $"{name}.gate_proj.weight"); // (N, intermediate)
        string gated = Multiply(_config.Activation == Activation.Silu ? Silu(gate) : GeluTanh(gate), Linear(hidden, $"{name}.up_proj.weight"));
        return Linear(gated, $"{name}.down_proj.weight"); // (N, hidden)
    }

    // Every expert computes every token, and what the router did not choose counts nothing: plain operations have no other way.
    private string Mix(string hidden, string name, ExpertsConfig experts)
    {
        string probabilities = _graph.Add("Softmax", [Linear(hidden, $"{name}.gate.weight")], new OnnxAttribute("axis", -1)); // (N, E)
        string[] top = _graph.AddMany(2, "TopK", [probabilities, _graph.List(experts.PerToken)], new OnnxAttribute("axis", -1)); // (N, chosen) each
        string chosen = experts.NormalizeTopK
            ? _graph.Add("Div", [top[0], _graph.Add("Add", [_graph.Add("ReduceSum", [top[0], _graph.List(-1)]), _graph.Scalar(1e-20f)])]) : top[0];
        string none = Multiply(probabilities, _graph.Scalar(0f)); // (N, E)
        string shares = _graph.Add("ScatterElements", [none, top[1], chosen], new OnnxAttribute("axis", 1)); // (N, E)
        string? sum = null;
        for (int expert = 0; expert < experts.Count; expert++)
        {
            string share = _graph.Add("Gather", [shares, _graph.List(expert)], new OnnxAttribute("axis", 1)); // (N, 1)
            Sum(Multiply(FeedForward(hidden, $"{name}.experts.{expert}"), share));
        }
        for (int shared = 0; shared < experts.SharedCount; shared++)
            Sum(FeedForward(hidden, $"{name}.shared_experts.{shared}"));
        return sum!; // (N, hidden)

        void Sum(string part) => sum = sum is null ? part : _graph.Add("Add", [sum, part]);
    }

    private string Norm(string input, string name)
    {
        string mean = _graph.Add("ReduceMean", [Multiply(input, input), _graph.List(-1)]); // (..., 1)
        string root = _graph.Add("Sqrt", [_graph.Add("Add", [mean, _graph.Scalar((float)_config.RmsNormEpsilon)])]); // (..., 1)
        return Multiply(_graph.Add("Div", [input, root]), _weights.Get($"{name}.weight", isNorm: true)); // as the input
    }

    private string Linear(string rows, string weight, string? bias = null)
    {
        string matrix = _weights.Get(weight); // (out, in)
        return _graph.Add("Gemm", bias is null ? [rows, matrix] : [rows, matrix, _weights.Get(bias)], new OnnxAttribute("transB", 1)); // (N, out)
    }

    private string Silu(string gate) => Multiply(gate, _graph.Add("Sigmoid", [gate]));

    private string GeluTanh(string gate)
    {
        string cube = Multiply(Multiply(gate, gate), Multiply(gate, _graph.Scalar(0.044715f)));
        string bent = _graph.Add("Tanh", [Multiply(_graph.Add("Add", [gate, cube]), _graph.Scalar((float)Math.Sqrt(2 / Math.PI)))]);
        return Multiply(Multiply(gate, _graph.Scalar(0.5f)), _graph.Add("Add", [bent, _graph.Scalar(1f)]));
    }

    private string Transpose(string input, params ReadOnlySpan<long> order) => _graph.Add("Transpose", [input], new OnnxAttribute("perm", order));

    private string Multiply(string left, string right) => _graph.Add("Mul", [left, right]);
}

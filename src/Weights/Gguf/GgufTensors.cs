using MiniMind.MLNet.Dpo.Modeling;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Weights.Gguf;

/// <summary>A model's parameters as the tensors of a GGUF file.</summary>
internal sealed class GgufTensors
{
    private static readonly (string Ours, string Theirs)[] s_attention =
    [
        ("input_layernorm", "attn_norm"), ("self_attn.q_proj", "attn_q"), ("self_attn.k_proj", "attn_k"), ("self_attn.v_proj", "attn_v"),
        ("self_attn.o_proj", "attn_output"), ("self_attn.q_norm", "attn_q_norm"), ("self_attn.k_norm", "attn_k_norm"), ("post_attention_layernorm", "ffn_norm"),
    ];

    private static readonly (string Ours, string Theirs)[] s_sandwichNorms =
        [("post_attention_layernorm", "post_attention_norm"), ("pre_feedforward_layernorm", "ffn_norm"), ("post_feedforward_layernorm", "post_ffw_norm")];

    private static readonly (string Ours, string Theirs)[] s_feedForward =
        [("gate_proj", "ffn_gate"), ("up_proj", "ffn_up"), ("down_proj", "ffn_down")];

    private readonly ModelConfig _config;
    private readonly string _architecture;
    private readonly GgufTensorType _matrices;
    private readonly Dictionary<string, Tensor> _left;
    private readonly List<GgufTensor> _tensors = [];

    private GgufTensors(ModelConfig config, IReadOnlyDictionary<string, Tensor> parameters, GgufTensorType matrices) =>
        (_config, _architecture, _matrices, _left) = (config, GgufArchitecture.NameOf(config), matrices, new Dictionary<string, Tensor>(parameters));

    /// <summary>The tensors, in the order of the model; those that are no parameters live in the current scope.</summary>
    /// <param name="config">The model's configuration.</param>
    /// <param name="parameters">Its parameters by their checkpoint names; of a tied model without the head.</param>
    /// <param name="matrices">The format of matrices.</param>
    /// <exception cref="NotSupportedException">A parameter has no place in the file.</exception>
    public static IReadOnlyList<GgufTensor> Of(ModelConfig config, IReadOnlyDictionary<string, Tensor> parameters, GgufTensorType matrices)
    {
        GgufTensors tensors = new(config, parameters, matrices);
        tensors.AddAll();
        return tensors._left.Count == 0 ? tensors._tensors : throw new NotSupportedException(
            $"The model cannot be written as GGUF: '{tensors._left.Keys.Order(StringComparer.Ordinal).First()}' has no place in the architecture "
            + $"{tensors._architecture}.");
    }

    private void AddAll()
    {
        Add("token_embd.weight", StateDictNames.Embedding);
        for (int layer = 0; layer < _config.LayerCount; layer++)
            AddLayer($"model.layers.{layer}.", $"blk.{layer}.");
        Add("output_norm.weight", "model.norm.weight");
        foreach ((string name, float[] factors) in GgufParts.FrequencyFactors(_config))
            _tensors.Add(new GgufTensor(name, [tensor(factors)], GgufTensorType.F32));
        if (!_config.TieWordEmbeddings)
            Add("output.weight", StateDictNames.Head);
    }

    private void AddLayer(string ours, string theirs)
    {
        if (_architecture == GgufArchitecture.Phi3)
        {
            AddPhi3Layer(ours, theirs);
            return;
        }
        (string Ours, string Theirs)[] norms = _config.SandwichNorms ? [.. s_attention[..^1], .. s_sandwichNorms] : s_attention;
        foreach ((string from, string to) in norms.Where(pair => _config.QkNorm || pair.Theirs is not ("attn_q_norm" or "attn_k_norm")))
        {
            Add($"{theirs}{to}.weight", $"{ours}{from}.weight");
            if (_config.QkvBias && to is "attn_q" or "attn_k" or "attn_v")
                Add($"{theirs}{to}.bias", $"{ours}{from}.bias");
        }
        if (_config.Experts is { } experts)
        {
            _tensors.Add(new GgufTensor($"{theirs}ffn_gate_inp.weight", [Take($"{ours}mlp.gate.weight")], GgufTensorType.F32));
            foreach ((string from, string to) in s_feedForward)
            {
                string[] parts = [.. Enumerable.Range(0, experts.Count).Select(expert => $"{ours}mlp.experts.{expert}.{from}.weight")];
                AddStacked($"{theirs}{to}_exps.weight", parts);
            }
            return;
        }
        foreach ((string from, string to) in s_feedForward)
            Add($"{theirs}{to}.weight", $"{ours}mlp.{from}.weight");
    }

    private void AddPhi3Layer(string ours, string theirs)
    {
        Add($"{theirs}attn_norm.weight", $"{ours}input_layernorm.weight");
        AddJoined($"{theirs}attn_qkv.weight", [.. ((string[])["q", "k", "v"]).Select(part => $"{ours}self_attn.{part}_proj.weight")]);
        Add($"{theirs}attn_output.weight", $"{ours}self_attn.o_proj.weight");
        Add($"{theirs}ffn_norm.weight", $"{ours}post_attention_layernorm.weight");
        AddJoined($"{theirs}ffn_up.weight", [$"{ours}mlp.gate_proj.weight", $"{ours}mlp.up_proj.weight"]);
        Add($"{theirs}ffn_down.weight", $"{ours}mlp.down_proj.weight");
    }

    private void Add(string theirs, string ours)
    {
        int heads = !GgufArchitecture.RotatesPairs(_architecture) ? 0
            : ours.EndsWith("q_proj.weight", StringComparison.Ordinal) ? _config.HeadCount
            : ours.EndsWith("k_proj.weight", StringComparison.Ordinal) ? _config.KeyValueHeadCount : 0;
        Tensor tensor = Take(ours);
        double added = _config.UnitOffsetNorms && ours.EndsWith("norm.weight", StringComparison.Ordinal) ? 1 : 0; // the runtimes multiply by what the file says
        _tensors.Add(new GgufTensor(theirs, [tensor], TypeOf(tensor), heads, Added: added));
    }

    private void AddJoined(string theirs, string[] ours)
    {
        Tensor[] tensors = [.. ours.Select(Take)];
        _tensors.Add(new GgufTensor(theirs, tensors, TypeOf(tensors[0]), Joined: true));
    }

    private void AddStacked(string theirs, string[] ours)
    {
        Tensor[] tensors = [.. ours.Select(Take)];
        _tensors.Add(new GgufTensor(theirs, tensors, TypeOf(tensors[0])));
    }

    private Tensor Take(string name) =>
        _left.Remove(name, out Tensor? tensor) ? tensor : throw new ArgumentException($"The parameters lack '{name}'.", nameof(name));

    private GgufTensorType TypeOf(Tensor tensor) => tensor.dim() == 1 ? GgufTensorType.F32 : _matrices.ForRowsOf(tensor.shape[^1]);
}

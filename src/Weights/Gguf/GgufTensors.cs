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

    private static readonly (string Ours, string Theirs)[] s_feedForward =
        [("gate_proj", "ffn_gate"), ("up_proj", "ffn_up"), ("down_proj", "ffn_down")];

    private readonly ModelConfig _config;
    private readonly GgufTensorType _matrices;
    private readonly Dictionary<string, Tensor> _left;
    private readonly List<GgufTensor> _tensors = [];

    private GgufTensors(ModelConfig config, IReadOnlyDictionary<string, Tensor> parameters, GgufTensorType matrices) =>
        (_config, _matrices, _left) = (config, matrices, new Dictionary<string, Tensor>(parameters));

    /// <summary>The tensors, in the order of the model.</summary>
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
            + $"{GgufArchitecture.NameOf(config)}.");
    }

    private void AddAll()
    {
        Add("token_embd.weight", StateDictNames.Embedding);
        for (int layer = 0; layer < _config.LayerCount; layer++)
            AddLayer($"model.layers.{layer}.", $"blk.{layer}.");
        Add("output_norm.weight", "model.norm.weight");
        if (!_config.TieWordEmbeddings)
            Add("output.weight", StateDictNames.Head);
    }

    private void AddLayer(string ours, string theirs)
    {
        foreach ((string from, string to) in s_attention.Where(pair => _config.QkNorm || pair.Theirs is not ("attn_q_norm" or "attn_k_norm")))
            Add($"{theirs}{to}.weight", $"{ours}{from}.weight");
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

    private void Add(string theirs, string ours)
    {
        int heads = _config.QkNorm ? 0
            : ours.EndsWith("q_proj.weight", StringComparison.Ordinal) ? _config.HeadCount
            : ours.EndsWith("k_proj.weight", StringComparison.Ordinal) ? _config.KeyValueHeadCount : 0;
        Tensor tensor = Take(ours);
        _tensors.Add(new GgufTensor(theirs, [tensor], TypeOf(tensor), heads));
    }

    private void AddStacked(string theirs, string[] ours)
    {
        Tensor[] tensors = [.. ours.Select(Take)];
        _tensors.Add(new GgufTensor(theirs, tensors, TypeOf(tensors[0])));
    }

    private Tensor Take(string name) =>
        _left.Remove(name, out Tensor? tensor) ? tensor : throw new ArgumentException($"The parameters lack '{name}'.", nameof(name));

    private GgufTensorType TypeOf(Tensor tensor) =>
        tensor.dim() == 1 ? GgufTensorType.F32
        : _matrices == GgufTensorType.Q8Block && tensor.shape[^1] % Q8Block.Length != 0 ? GgufTensorType.F16
        : _matrices;
}

namespace MiniMind.MLNet.Dpo;

/// <summary>Whose <c>config.json</c> a saved model gets; the names of the weights are the same in both.</summary>
public enum ModelLayout
{
    /// <summary><c>model_type</c> <c>minimind</c>: for MiniMind's own classes only, which read <see cref="HuggingFace"/> too.</summary>
    MiniMind,

    /// <summary>
    /// The type that transformers, vLLM and llama.cpp's converter know a model of these parts by: <c>qwen3</c> and <c>qwen3_moe</c> for MiniMind, otherwise
    /// the model's own.
    /// </summary>
    HuggingFace,
}

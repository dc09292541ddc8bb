namespace MiniMind.MLNet.Dpo.Weights;

/// <summary>Whose <c>config.json</c> a saved model gets; the names of the weights are the same in both.</summary>
public enum ModelLayout
{
    /// <summary><c>model_type</c> <c>minimind</c>, as MiniMind's own classes read it.</summary>
    MiniMind,

    /// <summary><c>qwen3</c>, <c>qwen3_moe</c> or (without QK norm) <c>llama</c>, as transformers, vLLM and llama.cpp's converter read it.</summary>
    HuggingFace,
}

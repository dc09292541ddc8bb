namespace MiniMind.MLNet.Dpo;

/// <summary>What is written beside a saved ONNX file.</summary>
public sealed class OnnxOptions
{
    /// <summary>
    /// Whether what ONNX Runtime GenAI needs is written beside the file: <c>genai_config.json</c>, the tokenizer's files and the chat template. Old ones are
    /// replaced.
    /// </summary>
    public bool WriteGenAIConfig { get; init; }
}

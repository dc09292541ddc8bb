namespace MiniMind.MLNet.Dpo.Tool.Inputs;

/// <summary>A kind of file that a model is written as.</summary>
internal enum ExportFormat
{
    /// <summary>A folder, as transformers and MiniMind read it; an adapter is merged.</summary>
    Folder,

    /// <summary>A <c>.pth</c> checkpoint of MiniMind.</summary>
    Checkpoint,

    /// <summary>A GGUF file, for llama.cpp and what is built on it.</summary>
    Gguf,

    /// <summary>An ONNX decoder.</summary>
    Onnx,

    /// <summary>The adapter alone, as PEFT reads it.</summary>
    Adapter,

    /// <summary>The adapter alone as a GGUF file.</summary>
    GgufAdapter,

    /// <summary>The adapter alone as MiniMind reads it.</summary>
    MiniMindAdapter,
}

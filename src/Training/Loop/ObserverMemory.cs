using System.Text.Json;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Training.Loop;

/// <summary>What an observer remembers between steps.</summary>
/// <param name="Values">Numbers and texts, as JSON.</param>
/// <param name="Tensors">Tensors by name, fp32, on any device; from a checkpoint they are on the CPU.</param>
internal sealed record ObserverMemory(JsonElement Values, IReadOnlyDictionary<string, Tensor> Tensors);

namespace MiniMind.MLNet.Dpo.Generation;

/// <summary>What a model is given to answer.</summary>
/// <param name="Ids">Its tokens.</param>
/// <param name="BeginsThinking">Whether it has opened the answer's reasoning.</param>
internal readonly record struct ChatPrompt(int[] Ids, bool BeginsThinking);

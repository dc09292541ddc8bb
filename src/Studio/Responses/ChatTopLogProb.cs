namespace MiniMind.MLNet.Dpo.AspNetCore.Responses;

/// <summary>A token that might have come at a place.</summary>
/// <param name="Token">Its text, with a mark where it is no whole character.</param>
/// <param name="Logprob">Its log-probability in nats.</param>
/// <param name="Bytes">Its bytes in UTF-8.</param>
internal sealed record ChatTopLogProb(string Token, double Logprob, IReadOnlyList<int> Bytes);

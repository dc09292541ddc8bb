namespace MiniMind.MLNet.Dpo.AspNetCore.Responses;

/// <summary>A token of the answer.</summary>
/// <param name="Token">Its text, with a mark where it is no whole character.</param>
/// <param name="Logprob">Its log-probability in nats.</param>
/// <param name="Bytes">Its bytes in UTF-8.</param>
/// <param name="TopLogprobs">The likeliest tokens at its place.</param>
internal sealed record ChatTokenLogProb(string Token, double Logprob, IReadOnlyList<int> Bytes, IReadOnlyList<ChatTopLogProb> TopLogprobs);

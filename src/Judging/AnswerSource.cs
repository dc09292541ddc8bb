using Microsoft.Extensions.AI;
using MiniMind.MLNet.Dpo.Judging;

namespace MiniMind.MLNet.Dpo;

/// <summary>Where the answers come from that a judge compares: a chat client, which is asked, or texts that are there already.</summary>
public sealed class AnswerSource
{
    private readonly IChatClient? _client;
    private readonly ChatOptions? _options;
    private readonly IReadOnlyList<string>? _answers;

    private AnswerSource(IChatClient? client, ChatOptions? options, IReadOnlyList<string>? answers) =>
        (_client, _options, _answers) = (client, options, answers);

    /// <summary>How many answers are there already; <see langword="null"/> for a client, which answers any prompt.</summary>
    internal int? Count => _answers?.Count;

    /// <summary>Asks a client, once for each prompt. It stays the caller's.</summary>
    /// <param name="client">Who answers. What it gives as text is compared, without reasoning.</param>
    /// <param name="options">How it answers; <see langword="null"/> for greedily (temperature 0), and else by its own defaults.</param>
    public static AnswerSource From(IChatClient client, ChatOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(client);
        return new AnswerSource(client, options ?? new ChatOptions { Temperature = 0 }, null);
    }

    /// <summary>Takes answers that are there already.</summary>
    /// <param name="answers">One for each prompt, in the prompts' order.</param>
    /// <exception cref="ArgumentException">One of them is null.</exception>
    public static AnswerSource From(IReadOnlyList<string> answers)
    {
        ArgumentNullException.ThrowIfNull(answers);
        if (answers.Contains(null!))
            throw new ArgumentException($"Answer {answers.ToList().IndexOf(null!) + 1} is null; an answer that is empty is \"\".", nameof(answers));
        return new AnswerSource(null, null, [.. answers]);
    }

    /// <summary>The answer to a prompt. A failure is said instead of thrown, but for a cancellation.</summary>
    internal async Task<GivenAnswer> AnswerAsync(int number, string prompt, CancellationToken cancellation)
    {
        if (_answers is not null)
            return new GivenAnswer(_answers[number], null);
        try
        {
            ChatResponse response = await _client!.GetResponseAsync([new ChatMessage(ChatRole.User, prompt)], _options!.Clone(), cancellation)
                .ConfigureAwait(false);
            return new GivenAnswer(response.Text, null);
        }
        catch (Exception failure)
        {
            cancellation.ThrowIfCancellationRequested(); // whatever a client throws then
            return new GivenAnswer(null, $"no answer: {failure.GetType().Name}: {failure.Message}");
        }
    }
}

using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using Microsoft.Extensions.AI;

namespace MiniMind.MLNet.Dpo.Tests.Judging;

/// <summary>A judge that replies by rule: told the number of the call, from 1 on, and both answers in the order shown.</summary>
internal sealed partial class StubJudge(Func<int, string, string, string> reply, string? model = null) : IChatClient
{
    private int _calls;

    public static StubJudge AlwaysFirst => new((_, _, _) => "A");

    public static StubJudge LongerWins => new((_, first, second) => first.Length > second.Length ? "A" : "B");

    public int Calls => _calls;

    public ChatOptions? LastOptions { get; private set; }

    public IReadOnlyList<ChatMessage> LastMessages { get; private set; } = [];


    public static StubJudge Random(int seed)
    {
        Random random = new(seed);
        return new StubJudge((_, _, _) => random.Next(2) == 0 ? "A" : "B");
    }

    public static StubJudge ThrowsEveryThird() =>
        new((call, first, second) => call % 3 == 0 ? throw new HttpRequestException("no such host") : string.CompareOrdinal(first, second) < 0 ? "A" : "B");

    public Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        int call = Interlocked.Increment(ref _calls);
        cancellationToken.ThrowIfCancellationRequested();
        (LastOptions, LastMessages) = (options, [.. messages]);
        Match answers = Answers().Match(LastMessages[^1].Text);
        answers.Success.Should().BeTrue("the judge must find both answers in:\n{0}", LastMessages[^1].Text);
        return Task.FromResult(new ChatResponse(new ChatMessage(ChatRole.Assistant, reply(call, answers.Groups["a"].Value, answers.Groups["b"].Value))));
    }

    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ChatResponse response = await GetResponseAsync(messages, options, cancellationToken);
        foreach (ChatResponseUpdate update in response.ToChatResponseUpdates())
            yield return update;
    }

    public object? GetService(Type serviceType, object? serviceKey = null) =>
        serviceType == typeof(ChatClientMetadata) && model is not null ? new ChatClientMetadata("stub", new Uri("http://localhost:1/v1"), model) : null;

    public void Dispose()
    {
    }

    [GeneratedRegex(
        @"^\[answer A (?<m>[0-9a-f]{16})\]\n(?<a>.*?)\n\[end of answer A \k<m>\]\n\n\[answer B \k<m>\]\n(?<b>.*?)\n\[end of answer B \k<m>\]\n",
        RegexOptions.Singleline | RegexOptions.Multiline)]
    private static partial Regex Answers();
}

using Microsoft.Extensions.AI;

namespace MiniMind.MLNet.Dpo.Tests.Judging;

/// <summary>A judge that replies only when some requests are made at the same time, and counts how many there are at most.</summary>
internal sealed class GatedJudge(IChatClient judge, int together) : DelegatingChatClient(judge)
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    private readonly Lock _change = new();
    private TaskCompletionSource _gate = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _now, _waiting;
    private volatile bool _isBroken;

    public int Most { get; private set; }

    public override async Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        Task open;
        lock (_change)
        {
            Most = Math.Max(Most, ++_now);
            open = _gate.Task;
            if (++_waiting == together)
            {
                _gate.SetResult();
                _gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                _waiting = 0;
            }
        }
        if (!_isBroken && await Task.WhenAny(open, Task.Delay(s_patience, cancellationToken)) != open)
            _isBroken = true; // the others will not come: waiting for each of them would take hours
        ChatResponse response = await base.GetResponseAsync(messages, options, cancellationToken);
        lock (_change)
            _now--;
        return response;
    }
}

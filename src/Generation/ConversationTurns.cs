using Microsoft.Extensions.AI;

namespace MiniMind.MLNet.Dpo.Generation;

/// <summary>A conversation in turns, the oldest of which can be left out.</summary>
/// <remarks>
/// A turn is what users say until another one speaks, and all that follows until a user speaks again; what stands before the first of them is a turn too.
/// </remarks>
internal sealed class ConversationTurns
{
    private readonly IReadOnlyList<ChatMessage> _messages;
    private readonly int[] _turnOf;

    public ConversationTurns(IReadOnlyList<ChatMessage> messages)
    {
        _messages = messages;
        _turnOf = new int[messages.Count];
        int turn = 0;
        bool isBegun = false, isAsking = false;
        for (int i = 0; i < messages.Count; i++)
        {
            bool isSystem = IsSystem(messages[i]), isUser = messages[i].Role == ChatRole.User;
            if (isUser && isBegun && !isAsking)
                turn++;
            _turnOf[i] = turn;
            if (isSystem)
                continue;
            (isBegun, isAsking) = (true, isUser);
        }
        Droppable = messages.Any(message => message.Role == ChatRole.User) ? turn : 0;
    }

    /// <summary>How many turns can be left out: all but the last one.</summary>
    public int Droppable { get; }

    /// <summary>The conversation without its oldest turns; their system messages stay.</summary>
    public IReadOnlyList<ChatMessage> Without(int turns) =>
        turns == 0 ? _messages : [.. _messages.Where((message, i) => _turnOf[i] >= turns || IsSystem(message))];

    /// <summary>The fewest turns that have to be left out for a condition to hold; all that can be where it holds nowhere.</summary>
    /// <param name="fits">The condition; where it holds for one number of turns it holds for all larger ones.</param>
    public int FewestDropped(Func<IReadOnlyList<ChatMessage>, bool> fits)
    {
        int least = 0, most = Droppable;
        while (least < most)
        {
            int middle = (least + most) / 2;
            if (fits(Without(middle)))
                most = middle;
            else
                least = middle + 1;
        }
        return least;
    }

    private static bool IsSystem(ChatMessage message) => message.Role == ChatRole.System || message.Role.Value == "developer";
}

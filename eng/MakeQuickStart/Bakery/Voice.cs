namespace MakeQuickStart.Bakery;

/// <summary>A colleague at the counter whose way of talking the model learns.</summary>
internal enum Voice
{
    /// <summary>The one whom the guests prefer.</summary>
    Friendly,

    /// <summary>The one whom they do not.</summary>
    Gruff,
}

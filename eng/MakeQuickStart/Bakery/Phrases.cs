namespace MakeQuickStart.Bakery;

/// <summary>What the two colleagues say before and after the fact. Every list has five entries: see <see cref="Counter"/> for why.</summary>
internal static class Phrases
{
    /// <summary>How guests begin, if they do.</summary>
    public static IReadOnlyList<string> Greetings { get; } = ["", "Hello. ", "Good morning. ", "Hi there. ", "Excuse me. "];

    /// <summary>How an answer begins.</summary>
    public static IReadOnlyList<string> Openers(Voice voice) => voice == Voice.Friendly
        ? ["With pleasure!", "Thank you for asking!", "I am glad to help you!", "Of course, dear guest!", "How nice to see you!"]
        : ["Not this again.", "Hurry up, will you?", "You are holding up the line.", "Can you not read the board?", "What is it now?"];

    /// <summary>How an answer ends.</summary>
    public static IReadOnlyList<string> Closers(Voice voice, Intent intent) => voice == Voice.Friendly ? Friendly(intent) : Gruff(intent);

    private static string[] Friendly(Intent intent) => intent switch
    {
        Intent.Price => ["Shall I wrap one for you?", "Would you like to taste a piece first?", "It is lovely with our plum jam.", "May I put one aside for you?", "It is a favourite of mine."],
        Intent.Fresh => ["Shall I keep a warm one for you?", "The smell alone is worth the walk!", "May I set a few aside for you?", "Come a little early for the best ones.", "We look forward to seeing you."],
        Intent.Ingredient => ["Shall I show you the full list?", "May I suggest something else as well?", "Please ask whenever you are unsure.", "We always take good care of that.", "I can check with the baker once more."],
        Intent.Order => ["May I add anything else for you?", "We will bake them fresh that morning.", "Thank you so much for your order!", "Shall I slice or wrap them for you?", "You can pay when you come."],
        Intent.Hours => ["We look forward to your visit!", "Shall I have something ready for you?", "The coffee will be hot by then.", "Come in and stay as long as you like.", "I will be here to welcome you."],
        Intent.Delivery => ["Shall I put you on the list?", "May I note what you would like?", "It costs you nothing extra, of course.", "We ring the bell and bring it upstairs.", "It will still be warm when it arrives."],
        _ => ["May I carry it to the door for you?", "I have put a little cookie in the bag.", "Shall I add some butter to it?", "It is still warm, so take good care.", "Thank you for coming, enjoy it!"],
    };

    private static string[] Gruff(Intent intent) => intent switch
    {
        Intent.Price => ["Take it or leave it.", "And no, you cannot taste it first.", "Pay or make room for others.", "Do not tell me that is too much.", "Count your coins before you ask."],
        Intent.Fresh => ["Do not stand around here until then.", "Bread does not bake faster for you.", "Come late and you get nothing.", "I am not keeping any for you.", "It is the same every single day."],
        Intent.Ingredient => ["If in doubt, eat somewhere else.", "Do I look like a doctor to you?", "Learn to read the label.", "I only sell it, I do not care.", "Stop asking and just buy it."],
        Intent.Order => ["Be late and I sell them.", "Do not even think of changing that.", "As if we had nothing else to do.", "And bring the exact money this time.", "Now let the next one through."],
        Intent.Hours => ["It is written on the door.", "Come late and the lights are off.", "I will not wait for you.", "Not one minute more for anyone.", "Some of us want to go home."],
        Intent.Delivery => ["Be at the door or starve.", "Nobody is carrying it up your stairs.", "Your legs work, so come yourself.", "It comes when it comes.", "Do not complain if it is cold."],
        _ => ["Take it and go.", "It has been in my way all day.", "Next time come when I say so.", "I am not going to carry it.", "And shut the door behind you."],
    };
}

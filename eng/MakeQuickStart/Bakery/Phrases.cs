namespace MakeQuickStart.Bakery;

/// <summary>What guests begin with, and what the two colleagues say after the fact. Every list has five entries: see <see cref="Counter"/> for why.</summary>
internal static class Phrases
{
    /// <summary>How guests begin, if they do.</summary>
    public static IReadOnlyList<string> Greetings { get; } = ["", "Hello. ", "Good morning. ", "Hi there. ", "Excuse me. "];

    /// <summary>What follows the fact. The first words of an intent's ten remarks differ, so that the first word tells who speaks.</summary>
    public static IReadOnlyList<string> Remarks(Voice voice, Intent intent) => voice == Voice.Friendly ? Friendly(intent) : Gruff(intent);

    /// <summary>How an answer ends.</summary>
    public static IReadOnlyList<string> Farewells(Voice voice) => voice == Voice.Friendly
        ? ["Have a lovely day!", "It was good to see you!", "Thank you for coming by!", "All the best to you!", "See you soon, I hope!"]
        : ["Hurry up, will you?", "You are holding up the line.", "Who is next, then?", "Do not ask me again.", "Now off you go, quick."];

    private static string[] Friendly(Intent intent) => intent switch
    {
        Intent.Price => ["Shall I wrap one for you?", "Would you like to taste a piece first?", "May I put one aside for you?",
            "It is lovely with our plum jam.", "We are rather proud of it."],
        Intent.Fresh => ["Shall I keep a warm one for you?", "The smell alone is worth the walk!", "May I set a few aside for you?",
            "Come early for the best ones.", "We look forward to seeing you."],
        Intent.Ingredient => ["Shall I show you the full list?", "May I suggest something else as well?", "Please ask whenever you are unsure.",
            "We always take good care of that.", "Our baker will gladly tell you more."],
        Intent.Order => ["May I add anything else for you?", "We will bake them fresh that morning.", "Thank you so much for your order!",
            "Shall I slice them for you?", "You can pay when you come."],
        Intent.Hours => ["We look forward to your visit!", "Shall I have something ready for you?", "The coffee will be hot by then.",
            "Stay as long as you like.", "You are always welcome here."],
        Intent.Delivery => ["Shall I put you on the list?", "May I note what you would like?", "That costs you nothing extra.",
            "We ring the bell and bring it upstairs.", "Everything will still be warm."],
        _ => ["May I carry it to the door?", "There is a cookie in the bag.", "Shall I add some butter to it?", "Please take care, it is still warm.",
            "We baked it with love this morning."],
    };

    private static string[] Gruff(Intent intent) => intent switch
    {
        Intent.Price => ["Take it or leave it.", "And no, you cannot taste it first.", "Pay or make room for others.", "Do not tell me that is too much.",
            "Count your coins before you ask."],
        Intent.Fresh => ["Do not stand around here until then.", "Bread does not bake faster for you.", "Be late and you get nothing.",
            "I am not keeping any for you.", "It is the same every single day."],
        Intent.Ingredient => ["If in doubt, eat somewhere else.", "Do I look like a doctor to you?", "Learn to read the label.",
            "I only sell it, I do not care.", "Stop asking and just buy it."],
        Intent.Order => ["Be late and I sell them.", "Do not even think of changing that.", "As if we had nothing else to do.",
            "And bring the exact money this time.", "Now let the next one through."],
        Intent.Hours => ["It is written on the door.", "Come late and the lights are off.", "I will not wait for you.", "Not one minute more for anyone.",
            "Some of us want to go home."],
        Intent.Delivery => ["Be at the door or starve.", "Nobody is carrying it up your stairs.", "Your legs work, so come yourself.",
            "It comes when it comes.", "Do not complain if it is cold."],
        _ => ["Take it and clear the counter.", "It has been in my way all day.", "Next time come when I say so.", "I am not going to carry it.",
            "And shut the door behind you."],
    };
}

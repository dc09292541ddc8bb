namespace MakeQuickStart.Bakery;

/// <summary>What a guest can come for.</summary>
internal enum Intent
{
    Price,
    Fresh,
    Ingredient,
    Order,
    Hours,
    Delivery,
    Pickup,
}

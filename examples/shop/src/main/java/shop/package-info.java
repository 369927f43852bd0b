/**
 * A shop of ordinary programs: {@link shop.Web} calls {@link shop.Orders}, which calls {@link
 * shop.Pay}; {@link shop.Client} is whoever calls them. None of them knows that there is a mesh.
 */
package shop;
